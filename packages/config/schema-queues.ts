import { z } from 'zod';

/** A name here is one of @switchyard/jobs' catalogue, which this package may not import; a test there compares. */
export const BUILT_IN_QUEUES = ['crm-sync', 'bot-replies', 'routing', 'handover'] as const;

const queue = z.strictObject({
  giveUpAfterHours: z
    .number()
    .positive()
    .max(24 * 90)
    .optional()
    .describe(
      'How long a job is worth trying, without the time for which its queue was held: 72 for crm-sync, 24 for ' +
        'the others.',
    ),
  attemptSeconds: z
    .number()
    .positive()
    .max(3600)
    .optional()
    .describe(
      'How long one attempt of a job may take, all of it; then it is cut off and counts as failed: 60 for ' +
        'bot-replies, 300 for the others.',
    ),
  concurrency: z
    .int()
    .min(1)
    .max(1000)
    .optional()
    .describe('Jobs that one process works on at a time, unless CONCURRENCY says otherwise.'),
});

const NAMES: ReadonlySet<string> = new Set(BUILT_IN_QUEUES);
const queueName = z.string().refine((name) => NAMES.has(name), {
  error: `no such queue; there are ${BUILT_IN_QUEUES.join(', ')} (a custom worker's settings stand with it, in workers)`,
});

export const queuesSchema = z.record(queueName, queue);

export type BuiltInQueue = (typeof BUILT_IN_QUEUES)[number];
