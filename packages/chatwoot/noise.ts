import type { ChatwootEvent } from './event.ts';

const CONTACT_ACTIVITY = new Set(['last_activity_at', 'updated_at']);
const REPLY_CLOCKS = new Set(['waiting_since', 'first_reply_created_at', 'updated_at']);

/**
 * The attributes of a contact that a `contact_updated` changed, without the clocks that every incoming message
 * moves (contract §1.6). Null when the event does not say what changed: then anything may have.
 */
export function meaningfulContactChanges(event: ChatwootEvent): readonly string[] | null {
  if (event.changes === null) return null;
  return Object.keys(event.changes).filter((name) => !CONTACT_ACTIVITY.has(name));
}

/** Whether an event says nothing that any consumer acts on (contract §6 item 6); a storm of them is normal. */
export function isNoise(event: ChatwootEvent): boolean {
  if (event.name === 'contact_updated') return meaningfulContactChanges(event)?.length === 0;
  if (event.name !== 'conversation_updated' || event.changes === null) return false;
  const names = Object.keys(event.changes);
  // `updated_at` alone is no reply clock: something changed that the event does not name.
  return names.every((name) => REPLY_CLOCKS.has(name)) && names.some((name) => name !== 'updated_at');
}
