import { z } from 'zod';

/** The story of a conversation: what became of each delivery, kept for operators. */
export const storiesSchema = z.strictObject({
  keepHours: z
    .number()
    .min(0)
    .max(24 * 90)
    .default(72)
    .describe(
      'How long it is known what became of a job; 0 keeps nothing. A delivery with a job on three queues takes some 100 bytes in Redis; of one conversation the newest 300 jobs are told.',
    ),
  megabytes: z
    .number()
    .min(1)
    .max(100_000)
    .default(64)
    .describe('How much of Redis the stories may take; beyond, the oldest go before their time.'),
});
