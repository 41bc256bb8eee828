import type { Tier } from '../history.ts';

/** How a person takes a conversation. */
export type Way = 'self-assigned' | 'assigned' | 'replied' | 'macro' | 'began';
const ways: readonly Way[] = ['self-assigned', 'assigned', 'replied', 'macro', 'began'];

export type Act =
  /** The customer writes; null is a picture or a voice message, which has no text. */
  | { readonly kind: 'write'; readonly text: string | null }
  | { readonly kind: 'take'; readonly way: Way }
  | { readonly kind: 'resolve' };

/** What the customer is to have got from us in the end, in this order. */
export type Answer = 'hours' | 'price' | 'sales' | 'declined';

/** A conversation as it is played, and what is to come of it. */
export interface Scene {
  readonly name: string;
  /**
   * `question`: a rule answers; one of the twenty that are counted. `taken`: a person has it. `unanswered`: no rule
   * has an answer.
   */
  readonly kind: 'question' | 'taken' | 'unanswered';
  readonly tier: Tier;
  /** Everything comes to rest between one stage and the next; what is in one stage happens at once. */
  readonly stages: readonly (readonly Act[])[];
  readonly answers: readonly Answer[];
  /** People are to have it in the end, by our hand. */
  readonly handedOver: boolean;
  /** A person has it before it can be routed, so it is left alone. */
  readonly routed: boolean;
}

export const ANSWERS: Readonly<Record<Answer, string>> = {
  hours: "We're open, 9 AM - 6 PM EST.",
  price: 'Our plans start at $29 a month. Shall I connect you with our sales team?',
  sales: "I'm connecting you with our sales team.",
  declined: 'No problem. Is there anything else?',
};

const hours = { kind: 'write', text: 'What are your hours?' } as const;
const price = { kind: 'write', text: 'How much does it cost?' } as const;
const yes = { kind: 'write', text: 'Yes, please!' } as const;
const no = { kind: 'write', text: 'No thanks' } as const;
const chatter = { kind: 'write', text: 'My parcel is late' } as const;
const picture = { kind: 'write', text: null } as const;

/** The conversations of one cell: 20 with a question, 10 that a person has taken, 6 that no rule answers. */
export function scenesOf(bot: boolean): readonly Scene[] {
  return [
    ...times(8, question('hours', [[hours]], ['hours'])),
    ...times(3, { ...question('hours of an enterprise', [[hours]], ['hours']), tier: 'enterprise' as const }),
    ...times(4, {
      ...question('an offer, taken', [[price], [yes], [hours]], ['price', 'sales']),
      handedOver: true,
    }),
    ...times(2, question('an offer, declined', [[price], [no]], ['price', 'declined'])),
    ...times(2, question('two questions', [[hours], [price]], ['hours', 'price'])),
    question('resolved, and asked again', [[hours], [{ kind: 'resolve' }], [hours]], ['hours', 'hours']),
    ...ways.map(takenEarly),
    ...ways.map(takenLate),
    ...times(3, unanswered('no rule', bot, [[chatter], [hours]], bot ? [] : ['hours'])),
    ...times(2, unanswered('a picture', bot, [[picture]], [])),
    unanswered('a question, then no rule', bot, [[hours], [chatter]], ['hours']),
  ];
}

function question(name: string, stages: Scene['stages'], answers: Scene['answers']): Scene {
  return { name, kind: 'question', tier: 'standard', stages, answers, handedOver: false, routed: true };
}

/** In the moment of the first message, before anything of ours can have seen it. */
function takenEarly(way: Way): Scene {
  const take = { kind: 'take', way } as const;
  const first = way === 'began' ? [take] : [hours, take];
  return { ...taken(`${way} at once`, [first, [hours], [price]], []), routed: false };
}

/** When it has been answered and routed, together with the customer's next question. */
function takenLate(way: Way): Scene {
  const take = { kind: 'take', way } as const;
  if (way === 'began') {
    return { ...taken('began, and the customer is slow', [[take], [], [hours]], []), routed: false };
  }
  return taken(`${way} later`, [[hours], [take, hours], [price]], ['hours']);
}

function taken(name: string, stages: Scene['stages'], answers: Scene['answers']): Scene {
  return { ...question(name, stages, answers), kind: 'taken' };
}

/** In an inbox without a bot people see it anyway, and the bot says nothing. */
function unanswered(name: string, bot: boolean, stages: Scene['stages'], answers: Scene['answers']): Scene {
  return { ...question(name, stages, answers), kind: 'unanswered', handedOver: bot };
}

function times<Item>(count: number, item: Item): readonly Item[] {
  return Array<Item>(count).fill(item);
}
