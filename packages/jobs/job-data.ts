import type { ChatwootEvent } from '@switchyard/chatwoot';
import { z } from 'zod';

/**
 * A job's data in Redis is ours, written by `enqueue`; checked all the same, because an older version or a hand
 * may have written it. The event's inside is trusted once its frame fits.
 */
const jobDataSchema = z.object({
  lane: z.string().min(1),
  event: z.custom<ChatwootEvent>(isEvent, { error: 'not an event' }),
  since: z.number().nullable().default(null),
});

export interface JobData {
  readonly lane: string;
  readonly event: ChatwootEvent;
  /** When the job was redriven, epoch milliseconds; null for one that never died. */
  readonly since: number | null;
}

/** @returns null for data that no code of this version can process. */
export function readJobData(data: unknown): JobData | null {
  const checked = jobDataSchema.safeParse(data);
  return checked.success ? checked.data : null;
}

function isEvent(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const delivery: unknown = Reflect.get(value, 'delivery');
  return (
    typeof Reflect.get(value, 'name') === 'string' &&
    typeof delivery === 'object' &&
    delivery !== null &&
    typeof Reflect.get(delivery, 'id') === 'string' &&
    typeof Reflect.get(delivery, 'receivedAt') === 'number'
  );
}
