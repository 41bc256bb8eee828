import type { ChatwootEvent, ConversationState } from '@switchyard/chatwoot';
import type { RoutingFacts } from '@switchyard/config';

/** What the rules see. The conversation as it is now counts before the event's late snapshot (contract §1.6). */
export function routingFacts(
  event: ChatwootEvent,
  fresh: ConversationState | null,
  customer: RoutingFacts['customer'],
): RoutingFacts {
  const contact = event.contact ?? fresh?.contact ?? null;
  const conversation = fresh ?? event.conversation;
  return {
    customer,
    contact: {
      name: textOrNull(contact?.name),
      email: emailOf(event, fresh),
      phone: textOrNull(contact?.phone),
      country: textOrNull(contact?.country),
      custom: contact?.customAttributes ?? {},
    },
    conversation: {
      channel: conversation?.channel ?? null,
      language: conversation?.language ?? event.conversation?.language ?? null,
      labels: conversation?.labels ?? [],
      custom: conversation?.customAttributes ?? {},
    },
    inbox: { id: event.inbox?.id ?? fresh?.inboxId ?? null, name: event.inbox?.name ?? null },
  };
}

/** The address a customer is looked up by, lower-case; null when there is none. */
export function emailOf(event: ChatwootEvent, fresh: ConversationState | null): string | null {
  const email = textOrNull(event.contact?.email) ?? textOrNull(fresh?.contact?.email);
  return email?.toLowerCase() ?? null;
}

function textOrNull(text: string | null | undefined): string | null {
  const trimmed = text?.trim() ?? '';
  return trimmed === '' ? null : trimmed;
}
