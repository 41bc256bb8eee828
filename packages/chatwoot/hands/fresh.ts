import type { Sight } from './hand.ts';

/** How long after a change its activity may still be missing: a job of Chatwoot's own writes it. */
export const WRITTEN_WITHIN_MS = 5_000;

/**
 * The newest change's activity may still come. A clock that is off by more must not keep us waiting.
 *
 * @param heardAt when a webhook told of the change, by our own clock, so that Chatwoot's may be off; else it may be
 *   the conversation's last one, and Chatwoot counts every message as one
 */
export function isFresh({ conversation, now }: Sight, heardAt?: number | null): boolean {
  const at = heardAt ?? conversation.updatedAt ?? conversation.createdAt;
  return at !== null && Math.abs(now - at) < WRITTEN_WITHIN_MS;
}
