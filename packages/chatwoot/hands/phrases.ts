/**
 * Chatwoot's words for what was done to a conversation, by language, with `{actor}`, `{assignee}` and `{team}`
 * where it puts names. Activities carry no ids and are in the account's language (contract [R] 4).
 *
 * Source: Chatwoot's `config/locales/<language>.yml`, `conversations.activity.*`, `automation.system_name` and
 * `auto_assignment.*`. A language that is missing here is judged by names alone, and for a person where those do
 * not tell.
 */
export interface Phrase {
  readonly does: Does;
  readonly text: string;
}

/**
 * - `assigned`: to a user, or to a team: Chatwoot has one phrase for both in most languages.
 * - `opened-by-system`: because the bot's endpoint failed, or because the customer wrote into a resolved one.
 */
export type Does =
  | 'assigned'
  | 'assigned-via'
  | 'self-assigned'
  | 'unassigned'
  | 'open'
  | 'pending'
  | 'snoozed'
  | 'resolved'
  | 'opened-by-system'
  | 'resolved-by-system';

/** Names that Chatwoot gives itself. Versions before the translated ones say them in English in all languages. */
export const MACHINES: readonly string[] = ['Automation System', 'Default Policy'];

/** `Automation System via <policy>`: a policy that somebody has named. */
export const POLICY_PREFIXES: readonly string[] = ['Automation System via '];

export const PHRASES: readonly Phrase[] = [
  { does: 'assigned', text: 'Assigned to {assignee} by {actor}' },
  { does: 'assigned-via', text: 'Assigned to {assignee} via {team} by {actor}' },
  { does: 'self-assigned', text: '{actor} self-assigned this conversation' },
  { does: 'unassigned', text: 'Conversation unassigned by {actor}' },
  { does: 'open', text: 'Conversation was reopened by {actor}' },
  { does: 'pending', text: 'Conversation was marked as pending by {actor}' },
  { does: 'snoozed', text: 'Conversation was snoozed by {actor}' },
  { does: 'resolved', text: 'Conversation was marked resolved by {actor}' },
  {
    does: 'opened-by-system',
    text: 'Conversation was marked open by system due to an error with the agent bot.',
  },
  { does: 'opened-by-system', text: 'System reopened the conversation due to a new incoming message.' },
];
