export type { Fault, Faults } from '../faults.ts';
export type { Call } from '../faulty-server.ts';
export type { Locale } from './activities/words.ts';
export type { AutomationRule } from './assignment/automation.ts';
export type { BotOptions, ChangeKind, Effect, SendOptions, WebhookOptions } from './fake-chatwoot.ts';
export { type FakeChatwoot, type FakeChatwootOptions, startFakeChatwoot } from './fake-chatwoot.ts';
export type {
  AgentWriting,
  Assignment,
  Beginning,
  CustomerFields,
  CustomerWriting,
  Macro,
  Visitor,
} from './people.ts';
export { seedIds } from './seed.ts';
export type { DeliveryAttempt } from './sender.ts';
export { type Habits, spokenVersions, type Version } from './versions.ts';
export type { ContactView, ConversationView, MessageView } from './views.ts';
