/**
 * The event: the canonical, validated content of a delivery. Our own small shape, never Chatwoot's raw JSON.
 *
 * Instants are epoch milliseconds; Chatwoot's microseconds stay as a fraction, because conversation state is
 * ordered by them (contract §1.6). A missing, empty or "never" (0) value is null. Credentials
 * (`contact_inbox.pubsub_token`, `inbox_*.channel`; contract §2.2, §2.6) have no place in it.
 */
export interface ChatwootEvent {
  readonly name: string;
  readonly delivery: Delivery;
  readonly account: number | null;
  readonly inbox: Inbox | null;
  readonly conversation: Conversation | null;
  readonly contact: Contact | null;
  readonly message: Message | null;
  /** Who is typing (`conversation_typing_*`); null for every other event. */
  readonly actor: Actor | null;
  /** `changed_attributes`, by attribute name; null when the event carries none (contract §2.5). */
  readonly changes: Readonly<Record<string, Change>> | null;
}

export interface Delivery {
  readonly id: string;
  readonly source: string;
  readonly kind: SourceKind;
  readonly receivedAt: number;
}

export type SourceKind = 'account' | 'api-inbox' | 'agent-bot';

export interface Inbox {
  readonly id: number;
  readonly name: string | null;
}

export interface Conversation {
  /** The per-account display id, the only one Chatwoot ever sends (contract §2.1). */
  readonly id: number;
  readonly channel: string | null;
  readonly status: ConversationStatus | null;
  readonly priority: Priority | null;
  readonly labels: readonly string[];
  readonly assignee: Actor | null;
  readonly team: { readonly id: number; readonly name: string | null } | null;
  readonly customAttributes: Readonly<Record<string, unknown>>;
  /** Browser language of the visitor or the conversation's language, where the channel tells it. */
  readonly language: string | null;
  readonly createdAt: number | null;
  readonly updatedAt: number | null;
  readonly firstReplyAt: number | null;
}

export type ConversationStatus = 'open' | 'resolved' | 'pending' | 'snoozed';
export type Priority = 'low' | 'medium' | 'high' | 'urgent';

export interface Contact {
  readonly id: number | null;
  readonly name: string | null;
  readonly email: string | null;
  readonly phone: string | null;
  readonly identifier: string | null;
  readonly blocked: boolean;
  readonly customAttributes: Readonly<Record<string, unknown>>;
  readonly city: string | null;
  readonly country: string | null;
}

export interface Message {
  readonly id: number;
  readonly content: string | null;
  readonly type: MessageType;
  readonly private: boolean;
  readonly contentType: string | null;
  readonly sender: Actor | null;
  readonly createdAt: number | null;
  readonly deleted: boolean;
  /** Written by an automation rule (`content_attributes.automation_rule_id`) or a campaign (`campaign_id`). */
  readonly automated: boolean;
  /** Our own marker from `content_attributes` (see marker.ts); null on everything we did not write. */
  readonly marker: string | null;
  readonly attachments: number;
  /** Written by a person in the channel's own app, such as WhatsApp's (`content_attributes.external_echo`). */
  readonly echo?: true | undefined;
  /** Of an activity: the status that was set, where Chatwoot says so (4.16: `content_attributes.activity`). */
  readonly setsStatus?: ConversationStatus | undefined;
  /** Why the channel did not take it to the customer; absent while nothing says so (contract §2.7, [R] 7). */
  readonly undelivered?: Undelivered | undefined;
}

/** `external-error`: the channel or its webhook said why; the reason itself is not kept. `failed`: by status alone. */
export type Undelivered = 'external-error' | 'failed';

export type MessageType = 'incoming' | 'outgoing' | 'activity' | 'template';

/** A person or machine in Chatwoot. Ids of contacts, users and bots overlap, so an id counts only with its kind. */
export interface Actor {
  readonly kind: ActorKind;
  readonly id: number | null;
  readonly name: string | null;
}

export type ActorKind = 'contact' | 'user' | 'agent_bot' | 'captain_assistant';

export interface Change {
  readonly from: unknown;
  readonly to: unknown;
}
