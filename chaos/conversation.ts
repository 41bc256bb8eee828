import type { Tier, Word } from './history.ts';
import { between, pick, type Random } from './random.ts';

/** What the rules of switchyard.config.ts make of a conversation: the whole of what is expected, as a machine. */
export interface BotState {
  readonly offered: boolean;
  /** A person has replied, or the conversation was handed to one. */
  readonly silent: boolean;
}

export const beginning: BotState = { offered: false, silent: false };

export interface Answered {
  readonly state: BotState;
  /** The steps of bot-replies that write a message. */
  readonly messages: readonly string[];
}

/** What the bot does about a word once it has taken all the words before it. */
export function answer(state: BotState, word: Word): Answered {
  if (word === 'human') return { state: { ...state, silent: true }, messages: [] };
  if (state.silent) return { state, messages: [] };
  switch (word) {
    case 'hours':
      return { state, messages: ['reply'] };
    case 'pricing':
      return { state: { ...state, offered: true }, messages: ['reply'] };
    case 'yes':
      if (!state.offered) return { state, messages: [] };
      return { state: { offered: false, silent: true }, messages: ['handoff-reply'] };
    case 'no':
      if (!state.offered) return { state, messages: [] };
      return { state: { ...state, offered: false }, messages: ['decline-reply'] };
    default:
      return { state, messages: [] };
  }
}

export const teamOf: Readonly<Record<Tier, string>> = {
  standard: 'standard support',
  enterprise: 'enterprise support',
};
export const SALES = 'sales';

const TEXTS: Readonly<Record<Word, readonly string[]>> = {
  created: [],
  contact: [],
  hours: ['What are your hours?', 'When are you open?', 'HOURS please'],
  pricing: ['How much does it cost?', 'Is there a list of prices?', 'What is the price?'],
  yes: ['Yes, please!', 'yes', 'Sure'],
  no: ['No thanks', 'nope', 'Not now.'],
  chatter: ['My parcel is late', 'Hello', 'It is about order 2231', 'Thank you for looking into it'],
  human: ['Let me see.', 'I am looking into it.'],
};

export function textOf(random: Random, word: Word): string {
  return pick(random, TEXTS[word]);
}

const WORDS: readonly Word[] = [
  ...Array<Word>(5).fill('hours'),
  ...Array<Word>(4).fill('pricing'),
  ...Array<Word>(3).fill('chatter'),
  ...Array<Word>(2).fill('contact'),
  'no',
];

/** What is said in one conversation, after its creation. It begins with a message of the customer. */
export function writeScript(random: Random): readonly Word[] {
  const words: Word[] = [pick(random, ['hours', 'pricing', 'chatter'] as const)];
  const length = between(random, 5, 11);
  while (words.length < length) words.push(pick(random, WORDS));
  // Most end with a yes or with a person, and a few words that the bot is to leave alone.
  const ending = random();
  if (ending < 0.4) words.push('pricing', 'yes', 'hours');
  else if (ending < 0.6) words.push('human', 'hours', 'pricing', 'yes');
  return words;
}
