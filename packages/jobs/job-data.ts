import type { ChatwootEvent } from '@switchyard/chatwoot';

export interface JobData {
  readonly lane: string;
  readonly event: ChatwootEvent;
  /** When the job was redriven, epoch milliseconds; null for one that never died. */
  readonly since: number | null;
  /** What its delivery's jobs have in common is in the store of stories (story-store/origin.ts). */
  readonly hasOrigin: boolean;
}

/**
 * A job's data in Redis is ours, written by `enqueue`; checked all the same, because an older version or a hand
 * may have written it. The event's inside is trusted once its frame fits.
 *
 * @returns null for data that no code of this version can process.
 */
export function readJobData(data: unknown): JobData | null {
  if (typeof data !== 'object' || data === null) return null;
  const lane: unknown = Reflect.get(data, 'lane');
  const event: unknown = Reflect.get(data, 'event');
  const since: unknown = Reflect.get(data, 'since') ?? null;
  if (typeof lane !== 'string' || lane === '' || !isEvent(event)) return null;
  if (since !== null && typeof since !== 'number') return null;
  return { lane, event, since, hasOrigin: since === null && Reflect.get(data, 'origin') === 1 };
}

function isEvent(value: unknown): value is ChatwootEvent {
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
