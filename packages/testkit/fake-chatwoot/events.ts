import type {
  ContactInboxRow,
  ContactRow,
  ConversationRow,
  InboxRow,
  MessageRow,
  SenderRef,
} from './records.ts';

/** `changed_attributes` as it is sent: one single-key object per attribute (contract §2.5). */
export type Changes = readonly Readonly<Record<string, ValueChange>>[];

export interface ValueChange {
  readonly previous_value: unknown;
  readonly current_value: unknown;
}

/** What happened, before it is put into words for a webhook. */
export type DomainEvent =
  | { readonly name: 'message_created' | 'message_updated'; readonly message: MessageRow }
  | {
      readonly name:
        | 'conversation_created'
        | 'conversation_status_changed'
        | 'conversation_opened'
        | 'conversation_resolved';
      readonly conversation: ConversationRow;
    }
  | {
      readonly name: 'conversation_updated';
      readonly conversation: ConversationRow;
      readonly changes: Changes;
    }
  | { readonly name: 'contact_created'; readonly contact: ContactRow }
  | { readonly name: 'contact_updated'; readonly contact: ContactRow; readonly changes: Changes }
  | {
      readonly name: 'webwidget_triggered';
      readonly contactInbox: ContactInboxRow;
      readonly info: Readonly<Record<string, unknown>>;
    }
  | {
      readonly name: 'conversation_typing_on' | 'conversation_typing_off';
      readonly conversation: ConversationRow;
      readonly user: SenderRef;
      readonly isPrivate: boolean;
    }
  | { readonly name: 'inbox_updated'; readonly inbox: InboxRow; readonly changes: Changes };

/** What an account webhook can subscribe to (contract §2.6). */
export const subscribable: readonly string[] = [
  'conversation_status_changed',
  'conversation_updated',
  'conversation_created',
  'contact_created',
  'contact_updated',
  'message_created',
  'message_updated',
  'webwidget_triggered',
  'inbox_created',
  'inbox_updated',
  'conversation_typing_on',
  'conversation_typing_off',
];

/** What an agent bot gets (contract §4). */
export const botEvents: readonly string[] = [
  'message_created',
  'message_updated',
  'conversation_updated',
  'conversation_status_changed',
  'conversation_opened',
  'conversation_resolved',
  'webwidget_triggered',
];
