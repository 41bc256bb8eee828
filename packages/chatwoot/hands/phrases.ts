import { TRANSLATED } from './phrases-translated.ts';

/**
 * What an activity says was done.
 *
 * - `assigned`: to a user, or to a team: Chatwoot has one phrase for both in most languages.
 * - `opened-by-system`: because the bot's endpoint failed, or because the customer wrote into a resolved one.
 * - `other`: priority, labels, sound; it names its actor and tells of no hand.
 */
export type Does = (typeof DOES)[number];

const DOES = [
  'assigned',
  'assigned-via',
  'self-assigned',
  'unassigned',
  'open',
  'pending',
  'snoozed',
  'resolved',
  'opened-by-system',
  'resolved-by-system',
  'other',
] as const;

/** A language's phrases, with `{actor}`, `{assignee}`, `{team}` and `{any}` where it puts names and values. */
export type Words = Readonly<Partial<Record<Does, readonly string[]>>>;

/** Activities carry no ids, and are in the account's language (contract [R] 4). */
const ENGLISH: Words = {
  assigned: ['Assigned to {assignee} by {actor}'],
  'assigned-via': ['Assigned to {assignee} via {team} by {actor}'],
  'self-assigned': ['{actor} self-assigned this conversation'],
  unassigned: ['Conversation unassigned by {actor}'],
  open: ['Conversation was reopened by {actor}', 'Conversation was marked open by {actor}'],
  pending: ['Conversation was marked as pending by {actor}'],
  snoozed: ['Conversation was snoozed by {actor}'],
  resolved: ['Conversation was marked resolved by {actor}'],
  'opened-by-system': [
    'Conversation was marked open by system due to an error with the agent bot.',
    'System reopened the conversation due to a new incoming message.',
  ],
  'resolved-by-system': [
    'Conversation was resolved by {any}',
    'Conversation was marked resolved by system due to {any}',
  ],
  other: [
    '{actor} set the priority to {any}',
    '{actor} changed the priority from {any}',
    '{actor} removed the priority',
    '{actor} added {any}',
    '{actor} removed {any}',
    '{actor} has muted the conversation',
    '{actor} has unmuted the conversation',
    'Unassigned from {team} by {actor}',
  ],
};

/** Every phrase that is known. A language that is not among them is judged by names alone. */
export const PHRASES: readonly { readonly does: Does; readonly text: string }[] = [
  ENGLISH,
  ...Object.values(TRANSLATED),
].flatMap(phrasesOf);

/**
 * Names that Chatwoot gives to itself: `automation.system_name` and `auto_assignment.default_policy_name` of its
 * locale files. Older versions say them in English in all languages.
 */
export const MACHINES: Readonly<Record<string, 'automation' | 'policy'>> = {
  'Automation System': 'automation',
  'Sistema de Automação': 'automation',
  'Default Policy': 'policy',
  'Política Padrão': 'policy',
};

/** What comes before the name of a policy that somebody has named (`auto_assignment.policy_actor`). */
export const POLICY_PREFIXES: readonly string[] = ['Automation System via ', 'Sistema de Automação via '];

function phrasesOf(words: Words): readonly { readonly does: Does; readonly text: string }[] {
  return DOES.flatMap((does) => (words[does] ?? []).map((text) => ({ does, text })));
}
