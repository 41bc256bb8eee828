export type { AgentBot, NewAgentBot } from './agent-bots.ts';
export type { ActorOptions, ApiSettings, CallOptions } from './api.ts';
export { isContactMessage, isHumanReply } from './authorship.ts';
export { blankContact, blankConversation, blankMessage } from './blank.ts';
export { type AskBotOfInbox, type AskOptions, createAskBotOfInbox } from './bot-of-inbox/ask-bot-of-inbox.ts';
export { type BotOfInbox, leadsToIngress, whoseBot } from './bot-of-inbox/whose-bot.ts';
export { changedAt } from './changes.ts';
export { type ChatwootFailureCode, classifyResponse, isAccountShut } from './classify.ts';
export { type ChatwootClient, createChatwootClient } from './client.ts';
export { deliveryId } from './delivery-id.ts';
export type { Agent, Profile, Team } from './directory.ts';
export { begunAnew } from './epoch/begun-anew.ts';
export type {
  Actor,
  ActorKind,
  Change,
  ChatwootEvent,
  Contact,
  Conversation,
  ConversationStatus,
  Delivery,
  Inbox,
  Message,
  MessageType,
  Priority,
  SourceKind,
  Undelivered,
} from './event.ts';
export { type EventParseCode, EventParseError } from './event-parse-error.ts';
export {
  CallFailure,
  type FailureDetails,
  type FailureKind,
  type FailureScope,
  usualScope,
} from './failure.ts';
export type { Hand, Known } from './hands/hand.ts';
export { givenBackAt } from './hands/history.ts';
export { createPeople, type PeopleOf } from './hands/people.ts';
export { type HandParts, type HandRequest, readHand } from './hands/read-hand.ts';
export { readToldHand, type ToldHand } from './hands/told-hand.ts';
export { detailsOf, meaningOfStatus } from './http-answer/status.ts';
export type { InboxRecord } from './inboxes.ts';
export { neutraliseLiquid } from './liquid.ts';
export { contentAttributesWith, readMarker } from './marker.ts';
export type { MessagePage, NewMessage } from './messages.ts';
export { isNoise, meaningfulContactChanges } from './noise.ts';
export { parseEvent } from './parse.ts';
export type { ContactRecord, ConversationState, MessageRecord } from './records.ts';
export { semanticKey } from './semantic-key.ts';
export type { HttpRequest, HttpResponse, Send } from './send.ts';
export {
  type SignatureFault,
  type SignedDelivery,
  sign,
  signatureFaultInHeaders,
  type Verdict,
  verify,
} from './signature.ts';
export { FEATURES, type FeatureName, hasFeature, RECORDED_VERSIONS } from './versions/features.ts';
export { type ChatwootVersion, isAtLeast, parseVersion } from './versions/version.ts';
export { SUBSCRIBABLE, type Webhook, type WebhookFields } from './webhooks.ts';
