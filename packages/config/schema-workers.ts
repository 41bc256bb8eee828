import { z } from 'zod';

/** The names of contract §2.6. Others, should Chatwoot grow some, are reached with a function. */
export const EVENTS = [
  'conversation_created',
  'conversation_updated',
  'conversation_status_changed',
  'conversation_opened',
  'conversation_resolved',
  'conversation_typing_on',
  'conversation_typing_off',
  'message_created',
  'message_updated',
  'contact_created',
  'contact_updated',
  'webwidget_triggered',
  'inbox_created',
  'inbox_updated',
  'macro.executed',
] as const;

/** Queues of ours, and the first words of our own keys in Redis, where a queue's name stands too (keys.ts in jobs). */
const TAKEN = new Set([
  ...['crm-sync', 'bot-replies', 'routing', 'handover'],
  ...[
    'admitted',
    'breaker',
    'dead',
    'handed',
    'held',
    'lane',
    'lanes',
    'lease',
    'ledger',
    'line',
    'queues',
    'seen',
    'state',
    'story',
    'unsettled',
  ],
]);

const DATA_ONLY = 'only a .ts, .js or .mjs config file can have one';

// What handlers are given (events, clients) is the business of packages this one may not import, so here they are
// functions of anything; `defineWorker` of @switchyard/jobs gives them their types.
const wanted = z.custom<(event: never) => boolean>(isFunction);
const laneOf = z.custom<(event: never) => string>(isFunction);

function handler<Handler extends (...given: never[]) => unknown>(what: string) {
  return z.custom<Handler>(isFunction, { error: `${what}; ${DATA_ONLY}` });
}

const eventName = z.enum(EVENTS, { error: `one of ${EVENTS.join(', ')}; any other with a function` });

const worker = z.strictObject({
  events: z
    .union([z.array(eventName).min(1, 'give at least one event').readonly(), wanted], {
      error: `a list of names of events, or a function of the event that says whether it is wanted; ${DATA_ONLY}`,
    })
    .describe('The events it works on: their names, or a function of the event. It runs in the ingress.'),
  lane: z
    .union([z.enum(['conversation', 'contact']), laneOf], {
      error: `conversation, contact, or a function of the event that gives a text; ${DATA_ONLY}`,
    })
    .default('conversation')
    .describe(
      'What is worked on in order, one at a time: each conversation, each contact, or what a function of the event ' +
        'names.',
    ),
  concurrency: z
    .int()
    .min(1)
    .max(1000)
    .default(10)
    .describe('Jobs that one process works on at a time, unless CONCURRENCY says otherwise.'),
  giveUpAfterHours: z
    .number()
    .positive()
    .max(24 * 90)
    .default(24)
    .describe('How long a job is worth trying, without the time for which its queue was held.'),
  attemptSeconds: z
    .number()
    .positive()
    .max(3600)
    .optional()
    .describe(
      'How long one attempt of a job may take, all of it; then it is cut off and counts as failed: 300.',
    ),
  timeoutMs: z
    .int()
    .min(100)
    .max(120_000)
    .default(10_000)
    .describe('Limit of one call made with `context.send`.'),
  facts: handler<(event: never, context: never) => unknown>('a function (event, context) that reads')
    .optional()
    .describe('Reads what `decide` needs. Runs again on every attempt.'),
  decide: handler<(event: never, facts: never) => unknown>('a function (event, facts) that decides')
    .optional()
    .describe('A pure function: what is to be done, as { action, reason, … }.'),
  steps: handler<(event: never, decision: never, context: never) => unknown>(
    'a function (event, decision, context) that writes, each write inside context.step',
  ).describe('Writes, each inside `context.step`.'),
});

const workerName = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,39}$/, {
    error: 'the name of a worker has lower-case letters, digits and dashes, at most 40',
  })
  .refine((name) => !TAKEN.has(name), { error: 'this name is taken by Switchyard itself; choose another' });

export const workersSchema = z.record(workerName, worker);

/** A worker of the user's own, checked; its functions get their types back in @switchyard/jobs. */
export type CustomWorkerConfig = z.output<typeof worker>;
export type CustomWorkerEvent = z.output<typeof eventName>;

function isFunction(value: unknown): boolean {
  return typeof value === 'function';
}
