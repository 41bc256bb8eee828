import { CallFailure } from '../failure.ts';
import type { Hand } from './hand.ts';
import { type HandParts, type HandRequest, readHand } from './read-hand.ts';

/** A hand that is told for sure. */
export type ToldHand = Exclude<Hand, { kind: 'unsure' }>;

/** Chatwoot's activities are there within a second, mostly; what is later than five counts as missing. */
const LOOK_AGAIN_MS = 1_500;

/**
 * Like `readHand`, for a job that can wait.
 *
 * @throws {CallFailure} `transient`, HAND_NOT_TOLD_YET: it is not written down yet whose hand it is; this job alone
 *   looks again soon. Or what the calls throw.
 */
export async function readToldHand(parts: HandParts, request: HandRequest): Promise<ToldHand> {
  const hand = await readHand(parts, request);
  if (hand.kind !== 'unsure') return hand;
  throw new CallFailure(
    'transient',
    `Chatwoot has not written down yet who changed conversation ${request.conversation.id}; looking again`,
    { code: 'HAND_NOT_TOLD_YET', target: 'chatwoot', retryAfterMs: LOOK_AGAIN_MS },
  );
}
