import type { DomainEvent } from './events.ts';
import type { Attributes } from './records.ts';
import { row } from './store.ts';
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
    case 'message_updated': {
      const inbox = row(store.inboxes, event.message.inbox_id);
      const isHtml = habits.widgetTextIsHtml && inbox.channel_type === 'Channel::WebWidget';
      return {
        ...payload,
        content: isHtml ? htmlOf(payload.content) : payload.content,
        conversation: withoutAccount(payload.conversation),
      };
    }
    case 'conversation_typing_on':
    case 'conversation_typing_off':
      return { ...payload, conversation: withoutAccount(payload.conversation) };
    case 'webwidget_triggered':
      return { ...payload, current_conversation: withoutAccount(payload.current_conversation) };
    default:
      return withoutKey(payload);
  }
}

/** One paragraph for each of the text, as Markdown becomes HTML. */
function htmlOf(text: unknown): unknown {
  if (typeof text !== 'string' || text === '') return text;
  const escaped = text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  return escaped
    .split(/\n{2,}/)
    .map((paragraph) => `<p>${paragraph}</p>\n`)
    .join('');
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
