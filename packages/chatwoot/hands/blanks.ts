import type { ConversationState, MessageRecord } from '../records.ts';
import type { People, Sight } from './hand.ts';

/** Chatwoot keeps the blanks that people type around and in their names, and an activity loses those at its ends. */
export function oneBlank(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}

/** The same sight, all names and activities written with single blanks, so that they can be compared. */
export function withPlainNames(sight: Sight): Sight {
  const { conversation, messages, people } = sight;
  return {
    ...sight,
    conversation: plainConversation(conversation),
    messages: messages.map(plainActivity),
    people: plainPeople(people),
  };
}

function plainConversation(conversation: ConversationState): ConversationState {
  const { assignee, team } = conversation;
  return { ...conversation, assignee: assignee && plainNamed(assignee), team: team && plainNamed(team) };
}

function plainActivity(message: MessageRecord): MessageRecord {
  const { type, content } = message;
  return type === 'activity' && content !== null ? { ...message, content: oneBlank(content) } : message;
}

function plainPeople({ agents, owner, bots }: People): People {
  return { agents: agents.map(plainNamed), owner: owner && plainNamed(owner), bots: bots.map(oneBlank) };
}

function plainNamed<T extends { readonly name: string | null }>(one: T): T {
  return { ...one, name: one.name === null ? null : oneBlank(one.name) };
}
