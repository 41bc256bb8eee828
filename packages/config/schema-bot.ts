import { z } from 'zod';

/** What a reply function is given. */
export interface ReplyFacts {
  readonly text: string;
  readonly contact: { readonly name: string | null; readonly email: string | null };
  readonly account: number;
  readonly conversation: number;
}

const words = z.union([z.string().min(1), z.array(z.string().min(1)).min(1)], {
  error: 'a word or phrase, or a list of them',
});

const teamReference = z
  .union([z.string().trim().min(1), z.int().positive()], { error: 'a team, by name or id' })
  .describe('A team, by name or id.');

const condition = z
  .strictObject({
    contains: words.optional().describe('The text contains this; of a list, any one.'),
    any: z.array(z.string().min(1)).min(1).optional().describe('The text contains at least one of these.'),
    all: z.array(z.string().min(1)).min(1).optional().describe('The text contains every one of these.'),
    exact: words.optional().describe('The text is this and nothing else, apart from punctuation around it.'),
    matches: z
      .string()
      .min(1)
      .optional()
      .describe('A regular expression in RE2 syntax, which runs in linear time.'),
    wholeWords: z.boolean().default(false).describe('contains, any and all match whole words only.'),
  })
  .refine((value) => ['contains', 'any', 'all', 'exact', 'matches'].some((key) => key in value), {
    error: 'say at least one of contains, any, all, exact, matches',
  });

const conditionFunction = z.custom<(facts: ReplyFacts) => boolean>((value) => typeof value === 'function');
const replyFunction = z.custom<(facts: ReplyFacts) => string>((value) => typeof value === 'function');

const replyText = z.union([z.string().trim().min(1).max(150_000), replyFunction], {
  error: 'a text, or a function that returns one',
});

const handoff = z.strictObject({
  team: teamReference.optional(),
  reply: z
    .string()
    .trim()
    .min(1)
    .optional()
    .describe('What the customer is told before the humans take over.'),
});

const offer = z
  .strictObject({
    yes: z
      .array(z.string().min(1))
      .min(1)
      .default(['yes', 'yeah', 'yep', 'yes please', 'sure', 'ok', 'okay', 'please', 'please do', 'of course'])
      .describe('What counts as taking the offer.'),
    no: z
      .array(z.string().min(1))
      .min(1)
      .default(['no', 'no thanks', 'no thank you', 'nope', 'not now'])
      .describe('What counts as declining it.'),
    handoff: handoff.describe('What a yes does.'),
    declined: z.string().trim().min(1).optional().describe('What the customer is told on a no.'),
  })
  .describe('Asks a question with the reply; a yes hands the conversation to a team.');

const rule = z
  .strictObject({
    name: z
      .string()
      .regex(/^[\w-]{1,40}$/, 'letters, digits, - and _, at most 40')
      .optional()
      .describe('Stands in logs and metrics; rules[<index>] without it.'),
    when: z
      .union([condition, conditionFunction], { error: 'conditions such as { contains: ... }, or a function' })
      .describe('When the rule answers. All that is said holds.'),
    reply: replyText.optional().describe('What is answered: a text, or a function of the reply facts.'),
    offer: offer.optional(),
    handoff: handoff.optional().describe('Hands the conversation to humans after the reply.'),
  })
  .refine((value) => value.reply !== undefined || value.handoff !== undefined, {
    error: 'a rule has a reply, a handoff, or both',
  })
  .refine((value) => value.offer === undefined || value.reply !== undefined, {
    error: 'an offer needs the reply that makes it',
    path: ['offer'],
  })
  .refine((value) => value.offer === undefined || value.handoff === undefined, {
    error: 'a rule has an offer or a handoff, not both: the handoff would not wait for the answer',
    path: ['offer'],
  });

/** Names stand for rules in the memory of a conversation, in logs and in metrics. */
const rules = z
  .array(rule)
  .min(1, 'give at least one rule')
  .refine((list) => hasDistinctNames(list), { error: 'two rules have the same name' });

function hasDistinctNames(list: readonly { readonly name?: string | undefined }[]): boolean {
  const names = list.flatMap(({ name }) => name ?? []);
  return new Set(names).size === names.length;
}

const unanswered = z
  .strictObject({
    handOver: z
      .boolean()
      .default(true)
      .describe('Hands it to humans: opens the conversation, which people do not see while it is pending.'),
    after: z
      .int()
      .min(0)
      .max(20)
      .default(0)
      .describe('How many such messages of a conversation are let pass before it is handed over.'),
    greeting: z
      .string()
      .trim()
      .min(1)
      .max(150_000)
      .optional()
      .describe('What the customer is told on the first of those that are let pass.'),
    reply: z
      .string()
      .trim()
      .min(1)
      .max(150_000)
      .optional()
      .describe('What the customer is told before the humans take over; nothing by default.'),
    team: teamReference
      .optional()
      .describe('Whose it becomes, by name or id; without one the team stays as routing has set it.'),
  })
  .refine(({ greeting, after }) => greeting === undefined || after > 0, {
    error:
      'is never said while `after` is 0: set it to how many messages are let pass, or leave the greeting out',
    path: ['greeting'],
  });

const note = z.string().trim().min(1).max(10_000).optional();

export const botSchema = z.strictObject({
  match: z.enum(['first', 'best']).default('first').describe('Which of several matching rules answers.'),
  rules: rules.describe('What is answered to what.'),
  offerHours: z
    .number()
    .positive()
    .max(720)
    .default(24)
    .describe('How long a yes or no is taken as its answer.'),
  answerWithinMinutes: z
    .number()
    .positive()
    .max(12 * 60)
    .default(10)
    .describe(
      'A message older than this is not answered any more, but handed to humans with a private note.',
    ),
  lateNote: z
    .string()
    .trim()
    .min(1)
    .max(10_000)
    .default(
      'The bot could not answer this message in time. It stays silent, so that its answer does not come out of ' +
        'the blue, and leaves the conversation to you.',
    )
    .describe('The private note of such a handover.'),
  unanswered: unanswered
    .prefault({})
    .describe(
      'What is done in the inbox of an agent bot with a message that no rule answers, or that has no text.',
    ),
  undeliveredNote: z
    .string()
    .trim()
    .min(1)
    .max(10_000)
    .default(
      'The channel did not take what the bot answered, so the customer has not got it. Please look after it.',
    )
    .describe(
      "The private note of a handover because the bot's answer can't reach the customer, or did not.",
    ),
  handOverAfterMinutes: z
    .number()
    .positive()
    .max(24 * 60)
    .optional()
    .describe(
      'A message that bot-replies has not done with after so long is handed over by the healer; ' +
        'answerWithinMinutes + 2 unless set, and at least 1 more than that.',
    ),
  handOverNote: note.describe(
    'The private note of such a handover, and of one after a job of the bot has died. Unless set, it says that the ' +
      'bot could not answer.',
  ),
  offNote: note.describe(
    'The private note where the bot was turned off (`switchyard bot off`). Unless set, it says so.',
  ),
});

export type BotConfig = z.output<typeof botSchema>;
export type BotRule = BotConfig['rules'][number];
export type UnansweredConfig = BotConfig['unanswered'];
export type BotCondition = z.output<typeof condition>;
export type BotOffer = z.output<typeof offer>;
