import type { Tier, Word } from './history.ts';
import { between, pick, type Random } from './random.ts';

/** What the rules of switchyard.config.ts make of a conversation: the whole of what is expected, as a machine. */
export interface BotState {
  readonly offered: boolean;
  /** A person has replied, or the conversation was handed to one. */
  readonly silent: boolean;
  /** In a bot's inbox: we have opened it. `maybe` where a person who has it may have done so first. */
  readonly opened: 'no' | 'maybe' | 'yes';
}

export const beginning: BotState = { offered: false, silent: false, opened: 'no' };

export interface Answered {
  readonly state: BotState;
  /** The steps of bot-replies that write a message. */
  readonly messages: readonly string[];
}

/**
 * What the bot does about a word once it has taken all the words before it. In a bot's inbox people don't see what
 * is pending, so there what it does not answer is opened.
 */
export function answer(state: BotState, word: Word, botsInbox = false): Answered {
  const taken = answerByRules(state, word);
  const said = word !== 'created' && word !== 'contact' && word !== 'human' && word !== 'take';
  if (!botsInbox || !said || state.opened === 'yes') return taken;
  if (state.silent) return { state: { ...taken.state, opened: 'maybe' }, messages: [] };
  const answers = taken.messages.length > 0 && !taken.state.silent;
  return answers ? taken : { ...taken, state: { ...taken.state, silent: true, opened: 'yes' } };
}

function answerByRules(state: BotState, word: Word): Answered {
  if (word === 'human' || word === 'take') return { state: { ...state, silent: true }, messages: [] };
  if (state.silent) return { state, messages: [] };
  switch (word) {
    case 'hours':
      return { state, messages: ['reply'] };
    case 'pricing':
      return { state: { ...state, offered: true }, messages: ['reply'] };
    case 'yes':
      if (!state.offered) return { state, messages: [] };
      return { state: { ...state, offered: false, silent: true }, messages: ['handoff-reply'] };
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
  take: [],
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

/**
 * What is said in one conversation, after its creation. It begins with a message of the customer.
 *
 * @param takes people also take conversations without a word
 */
export function writeScript(random: Random, takes = false): readonly Word[] {
  const words: Word[] = [pick(random, ['hours', 'pricing', 'chatter'] as const)];
  const length = between(random, 5, 11);
  while (words.length < length) words.push(pick(random, WORDS));
  // Most end with a yes or with a person, and a few words that the bot is to leave alone.
  const ending = random();
  if (ending < 0.4) words.push('pricing', 'yes', 'hours');
  else if (ending < 0.6) words.push('human', 'hours', 'pricing', 'yes');
  else if (ending < 0.8 && takes) words.push('take', 'hours', 'pricing', 'yes');
  return words;
}
