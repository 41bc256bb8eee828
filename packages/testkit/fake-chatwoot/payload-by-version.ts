import type { DomainEvent } from './events.ts';
import type { Attributes } from './records.ts';
import { webhookPayload } from './webhook-shapes.ts';
import type { World } from './world.ts';

/** The body of a webhook as this version writes it: conversations name their account since 4.14.2 (contract [R] 1). */
export function payloadOf({ store, habits }: World, event: DomainEvent): Attributes {
  const payload = webhookPayload(store, event);
  if (habits.accountInConversations) return payload;
  switch (event.name) {
    case 'contact_created':
    case 'contact_updated':
      return payload;
    case 'message_created':
    case 'message_updated':
    case 'conversation_typing_on':
    case 'conversation_typing_off':
      return { ...payload, conversation: withoutAccount(payload.conversation) };
    case 'webwidget_triggered':
      return { ...payload, current_conversation: withoutAccount(payload.current_conversation) };
    default:
      return withoutKey(payload);
  }
}

function withoutAccount(conversation: unknown): unknown {
  return typeof conversation === 'object' && conversation !== null
    ? withoutKey({ ...conversation })
    : conversation;
}

function withoutKey(row: Attributes): Attributes {
  const { account: _, ...rest } = row;
  return rest;
}
