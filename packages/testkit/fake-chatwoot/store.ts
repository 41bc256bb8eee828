import type { AutomationRule } from './assignment/automation.ts';
import type { Macro } from './people.ts';
import type {
  AccountRow,
  BotRow,
  ContactInboxRow,
  ContactRow,
  ConversationRow,
  InboxRow,
  LabelRow,
  MessageRow,
  SenderRef,
  TeamRow,
  UserRow,
  WebhookRow,
} from './records.ts';

/** Everything the pretend Chatwoot remembers, one table per kind of row. All rows belong to `account`. */
export interface Store {
  readonly account: AccountRow;
  /** Accounts that exist and whose data nobody here may see. */
  readonly otherAccounts: readonly AccountRow[];
  readonly users: UserRow[];
  readonly bots: Map<number, BotRow>;
  readonly teams: Map<number, TeamRow>;
  readonly inboxes: Map<number, InboxRow>;
  readonly labels: LabelRow[];
  readonly contacts: Map<number, ContactRow>;
  readonly contactInboxes: Map<number, ContactInboxRow>;
  readonly conversations: Map<number, ConversationRow>;
  /** Per conversation, in the order they were written. */
  readonly messages: Map<number, MessageRow[]>;
  readonly webhooks: Map<number, WebhookRow>;
  readonly automationRules: Map<number, AutomationRule>;
  /** The steps of each macro, in their order. */
  readonly macros: Map<number, readonly Macro[]>;
  readonly nextId: (table: Table) => number;
}

type Table =
  | 'automationRule'
  | 'bot'
  | 'contact'
  | 'contactInbox'
  | 'conversation'
  | 'inbox'
  | 'macro'
  | 'message'
  | 'team'
  | 'webhook';

/** The next id of each table, starting where the fixtures are, or so much later. */
export function createIds(later = 0): (table: Table) => number {
  const next: Record<Table, number> = {
    automationRule: 21,
    bot: 6,
    contact: 4821 + later,
    contactInbox: 7710 + later,
    conversation: 1187 + later,
    inbox: 101,
    macro: 31,
    message: 90_341 + later,
    team: 101,
    webhook: 61,
  };
  return (table) => next[table]++;
}

/** A row that was looked for and has been deleted since. */
export class MissingRow extends Error {}

/** A row that must be there. @throws MissingRow */
export function row<Row>(table: ReadonlyMap<number, Row>, id: number): Row {
  const found = table.get(id);
  if (found === undefined) throw new MissingRow(`the fake Chatwoot has no row ${id} where it needs one`);
  return found;
}

export function messagesOf(store: Store, conversation: ConversationRow): readonly MessageRow[] {
  return store.messages.get(conversation.id) ?? [];
}

export function userById(store: Store, id: number | null): UserRow | null {
  return store.users.find((user) => user.id === id) ?? null;
}

/** The bot that owns new conversations of an inbox: attached, which is what Chatwoot calls active. */
export function activeBot(store: Store, inbox: InboxRow): BotRow | null {
  return inbox.bot_id === null ? null : (store.bots.get(inbox.bot_id) ?? null);
}

export function senderName(store: Store, sender: SenderRef | null): string | null {
  if (sender === null) return null;
  if (sender.type === 'Contact') return store.contacts.get(sender.id)?.name ?? null;
  if (sender.type === 'AgentBot') return store.bots.get(sender.id)?.name ?? null;
  return userById(store, sender.id)?.name ?? null;
}

/** Incoming messages nobody on the team has seen; Chatwoot stops counting at 10. */
export function unreadCount(store: Store, conversation: ConversationRow): number {
  const seen = conversation.agent_last_seen_at ?? 0;
  const unread = messagesOf(store, conversation).filter(
    (message) => message.message_type === 'incoming' && message.created_at > seen,
  );
  return Math.min(unread.length, 10);
}
