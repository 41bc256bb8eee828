import { hash } from 'node:crypto';

const BYTES = 13;

/** The name of a delivery among all that was seen. */
export function seenDelivery(delivery: string): string {
  return `d:${delivery}`;
}

/** Of what an event is, whatever delivery brings it. */
export function seenEvent(semanticKey: string): string {
  return `s:${semanticKey}`;
}

/** Of a signed request. */
export function seenRequest(replayKey: string): string {
  return `r:${replayKey}`;
}

/** What a name is kept by: three bytes for its bucket, and ten. */
export function seenDigest(name: string): Buffer {
  return hash('sha256', name, 'buffer').subarray(0, BYTES);
}
