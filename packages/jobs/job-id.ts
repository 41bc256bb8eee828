import { createHash } from 'node:crypto';

/** What Chatwoot gives a delivery, or we one without an id (delivery-id.ts); nothing that BullMQ or we name a key. */
const SAFE = /^(?:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|body-[0-9a-f]{32})$/;

/**
 * The job id of a delivery: the UUID that it is, or a digest. BullMQ keeps a job under its id right beside the keys of the queue
 * (`wait`, `meta`, `marker`), and the header that brings a delivery id is not signed: so nothing that somebody may
 * choose becomes one.
 */
export function jobIdOf(deliveryId: string): string {
  return SAFE.test(deliveryId) ? deliveryId : `d-${digestOf(deliveryId)}`;
}

/**
 * As versions before made them of this delivery id, where that was another one and surely no key of BullMQ's; null
 * otherwise. Jobs that they left still have it.
 */
export function formerJobIdOf(deliveryId: string): string | null {
  // No key of BullMQ's has a digit in its name.
  const wasTaken =
    /^[A-Za-z0-9_.-]{1,100}$/.test(deliveryId) && /\d/.test(deliveryId) && /\D/.test(deliveryId);
  return wasTaken && !SAFE.test(deliveryId) ? deliveryId : null;
}

function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 32);
}
