import type { ChatwootEvent, Contact } from '@switchyard/chatwoot';
import type { LeadFacts } from '@switchyard/config';

/** What the fields of a lead are made from (design.md §4); a conversation's link is the one an agent opens. */
export function leadFacts(event: ChatwootEvent, account: number, chatwootBaseUrl: string): LeadFacts {
  const { conversation, inbox } = event;
  return {
    contact: contactFacts(event.contact),
    conversation:
      conversation === null
        ? null
        : {
            id: conversation.id,
            url: conversationUrl(chatwootBaseUrl, account, conversation.id),
            channel: conversation.channel,
            createdAt: conversation.createdAt,
            custom: conversation.customAttributes,
          },
    inbox: { id: inbox?.id ?? null, name: inbox?.name ?? null },
    account,
  };
}

/**
 * The same for a lead that an earlier conversation became. A contact event tells nothing of conversations, so
 * what only the conversation knew is null.
 */
export function knownLeadFacts(
  contact: Contact | null,
  account: number,
  conversation: number,
  chatwootBaseUrl: string,
): LeadFacts {
  const url = conversationUrl(chatwootBaseUrl, account, conversation);
  return {
    contact: contactFacts(contact),
    conversation: { id: conversation, url, channel: null, createdAt: null, custom: {} },
    inbox: { id: null, name: null },
    account,
  };
}

/** `<CHATWOOT_BASE_URL>/app/accounts/<account>/conversations/<display id>`. */
function conversationUrl(chatwootBaseUrl: string, account: number, conversation: number): string {
  return `${chatwootBaseUrl.replace(/\/+$/, '')}/app/accounts/${account}/conversations/${conversation}`;
}

/**
 * Blank values are null. Somebody who left neither e-mail nor phone is a lead all the same, with nulls: when
 * they leave one later, `contact_updated` brings it to the CRM.
 */
function contactFacts(contact: Contact | null): LeadFacts['contact'] {
  return {
    id: contact?.id ?? null,
    name: textOrNull(contact?.name),
    email: textOrNull(contact?.email),
    phone: textOrNull(contact?.phone),
    identifier: textOrNull(contact?.identifier),
    city: textOrNull(contact?.city),
    country: textOrNull(contact?.country),
    custom: contact?.customAttributes ?? {},
  };
}

function textOrNull(text: string | null | undefined): string | null {
  const trimmed = text?.trim() ?? '';
  return trimmed === '' ? null : trimmed;
}
