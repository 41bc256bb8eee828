import { type ChatwootEvent, meaningfulContactChanges } from '@switchyard/chatwoot';
import type { LeadFacts } from '@switchyard/config';
import { requireAccount } from '@switchyard/jobs';
import { knownLeadFacts, leadFacts } from './facts.ts';
import { type ContactRecord, type KnownLead, recordKey } from './known-leads.ts';

export interface Facts {
  readonly record: ContactRecord;
  readonly chatwootBaseUrl: string;
  /** Of `switchyard rehearse`: what would be sent to the CRM is made, and not sent. */
  readonly rehearsal: boolean;
}

export type Decision =
  | { readonly action: 'none'; readonly reason: NoneReason }
  | {
      readonly action: 'create-lead';
      readonly reason: 'new-conversation';
      readonly record: string;
      readonly conversation: number;
      readonly idempotencyKey: string;
      readonly facts: LeadFacts;
      readonly rehearsal: boolean;
    }
  | {
      readonly action: 'update-leads';
      readonly reason: 'contact-changed';
      readonly record: string;
      readonly updates: readonly LeadUpdate[];
      readonly contactUpdatedAt: number | null;
    };

interface LeadUpdate {
  readonly id: string;
  readonly conversation: number;
  readonly facts: LeadFacts;
}

type NoneReason =
  | 'other-event'
  | 'no-conversation'
  | 'no-contact'
  | 'lead-exists'
  | 'activity-only'
  | 'stale'
  | 'no-lead'
  | 'lead-without-id';

/** What an event means for the CRM. */
export function decide(event: ChatwootEvent, facts: Facts): Decision {
  switch (event.name) {
    case 'conversation_created':
      return decideNewConversation(event, facts);
    case 'contact_updated':
      return decideContactChange(event, facts);
    default:
      return none('other-event');
  }
}

function decideNewConversation(
  event: ChatwootEvent,
  { record, chatwootBaseUrl, rehearsal }: Facts,
): Decision {
  const { conversation } = event;
  if (conversation === null) return none('no-conversation');
  const account = requireAccount(event);
  if (record.leads.some((lead) => lead.conversation === conversation.id)) return none('lead-exists');
  return {
    action: 'create-lead',
    reason: 'new-conversation',
    record: recordKey(account, event.contact?.id ?? null, conversation.id),
    conversation: conversation.id,
    // Of the conversation, not of the job: announced twice under two delivery ids (contract §1.6), it is one lead.
    idempotencyKey: `switchyard:lead:${account}:${conversation.id}`,
    facts: leadFacts(event, account, chatwootBaseUrl),
    rehearsal,
  };
}

function decideContactChange(event: ChatwootEvent, { record, chatwootBaseUrl }: Facts): Decision {
  const { contact } = event;
  const account = requireAccount(event);
  if (contact === null || contact.id === null) return none('no-contact');
  if (meaningfulContactChanges(event)?.length === 0) return none('activity-only');
  const updatedAt = changedAt(event);
  if (updatedAt !== null && record.contactUpdatedAt !== null && updatedAt < record.contactUpdatedAt) {
    return none('stale');
  }
  if (record.leads.length === 0) return none('no-lead');
  const updates = record.leads.filter(hasId).map((lead) => ({
    ...lead,
    facts: knownLeadFacts(contact, account, lead.conversation, chatwootBaseUrl),
  }));
  if (updates.length === 0) return none('lead-without-id');
  return {
    action: 'update-leads',
    reason: 'contact-changed',
    record: recordKey(account, contact.id, null),
    updates,
    contactUpdatedAt: updatedAt,
  };
}

/** When the contact was changed; null when the event does not tell (contract §2.5). */
function changedAt(event: ChatwootEvent): number | null {
  const to = event.changes?.updated_at?.to;
  if (typeof to === 'number') return to * 1000;
  const instant = typeof to === 'string' ? Date.parse(to) : Number.NaN;
  return Number.isNaN(instant) ? null : instant;
}

function hasId(lead: KnownLead): lead is KnownLead & { id: string } {
  return lead.id !== null;
}

function none(reason: NoneReason): Decision {
  return { action: 'none', reason };
}
