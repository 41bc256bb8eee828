import { z } from 'zod';

/** The story of a conversation: what became of each delivery, kept for operators. */
export const storiesSchema = z.strictObject({
  keepHours: z
    .number()
    .min(0)
    .max(24 * 90)
    .default(72)
    .describe(
      'How long it is known what became of a job; 0 keeps nothing. A job takes some 400 bytes in Redis, and of one conversation the newest 300 are kept.',
    ),
});
