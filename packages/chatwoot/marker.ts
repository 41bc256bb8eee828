import { objectOrNull, tokenOrNull } from './readers.ts';

/**
 * The marker says "this message is ours, made by that step". Chatwoot's message API has no idempotency key, so
 * after a call with an unknown outcome the marker is what is looked for, and it identifies our own echo
 * webhooks (contract §3.2). An agent who presses "retry" on a failed message erases it.
 */
const KEY = 'switchyard';
const LONGEST = 200;

/** `content_attributes` for a message of ours. The marker: 1 to 200 characters without blanks around them. */
export function contentAttributesWith(marker: string): { readonly [KEY]: string } {
  return { [KEY]: marker };
}

/** The marker in a message's `content_attributes`; null on everything that we did not write. */
export function readMarker(contentAttributes: unknown): string | null {
  return tokenOrNull(objectOrNull(contentAttributes)?.[KEY], LONGEST);
}
