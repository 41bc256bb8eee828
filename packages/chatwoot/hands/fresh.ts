import type { Sight } from './hand.ts';

/** How long after a change its activity may still be missing: a job of Chatwoot's own writes it. */
const WRITTEN_WITHIN_MS = 5_000;

/**
 * The newest change's activity may still come. A clock that is off by more must not keep us waiting.
 *
 * @param changedAt when the change was there, by a webhook that told of it; else it may be the conversation's last
 *   one, and Chatwoot counts every message as one
 */
export function isFresh({ conversation, now }: Sight, changedAt?: number | null): boolean {
  const at = changedAt ?? conversation.updatedAt ?? conversation.createdAt;
  return at !== null && Math.abs(now - at) < WRITTEN_WITHIN_MS;
}
