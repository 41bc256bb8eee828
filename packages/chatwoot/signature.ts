import { createHmac, timingSafeEqual } from 'node:crypto';

/** How far a timestamp may be from our clock, both ways, inclusive (Chatwoot's own advice, contract §1.1). */
const TOLERANCE_SECONDS = 300;
const SIGNATURE = /^sha256=[0-9a-f]{64}$/;
const WHOLE_SECONDS = /^\d{1,12}$/;

export interface SignedDelivery {
  /** The body's bytes as they came: Rails escapes some characters, so parsed and re-serialised JSON fails. */
  readonly rawBody: Uint8Array;
  /** `X-Chatwoot-Signature`. */
  readonly signature: string | undefined;
  /** `X-Chatwoot-Timestamp`, Unix seconds. */
  readonly timestamp: string | undefined;
  /** All secrets that may have signed it; several while one is being rotated. An empty one matches nothing. */
  readonly secrets: readonly string[];
  /** Our clock, epoch milliseconds. */
  readonly now: number;
  readonly toleranceSeconds?: number;
}

export type Verdict =
  | { readonly ok: true; readonly secretIndex: number }
  | { readonly ok: false; readonly reason: SignatureFault };

export type SignatureFault =
  | 'missing-signature'
  | 'missing-timestamp'
  | 'bad-timestamp'
  | 'stale-timestamp'
  | 'bad-signature';

/**
 * Whether a delivery was signed with one of our secrets, recently. Never throws. The time it takes does not
 * depend on how much of the signature is right, nor on which secret matches: all are always tried.
 */
export function verify(delivery: SignedDelivery): Verdict {
  const fault = signatureFaultInHeaders(delivery);
  if (fault !== null) return { ok: false, reason: fault };
  const { signature = '', timestamp = '' } = delivery;
  const given = Buffer.from(signature);
  let secretIndex = -1;
  delivery.secrets.forEach((secret, index) => {
    const matches = timingSafeEqual(Buffer.from(sign(secret, timestamp, delivery.rawBody)), given);
    // Anyone can sign with an empty secret.
    if (matches && secret !== '' && secretIndex === -1) secretIndex = index;
  });
  return secretIndex === -1 ? { ok: false, reason: 'bad-signature' } : { ok: true, secretIndex };
}

/**
 * What can be said against a delivery before its body is there; null where nothing can. A signature that has not
 * the form of one needs no body to be wrong.
 */
export function signatureFaultInHeaders(
  delivery: Omit<SignedDelivery, 'rawBody' | 'secrets'>,
): SignatureFault | null {
  const { signature, timestamp, now, toleranceSeconds = TOLERANCE_SECONDS } = delivery;
  if (signature === undefined || signature === '') return 'missing-signature';
  if (timestamp === undefined || timestamp === '') return 'missing-timestamp';
  if (!WHOLE_SECONDS.test(timestamp)) return 'bad-timestamp';
  if (!(Math.abs(now - Number(timestamp) * 1000) <= toleranceSeconds * 1000)) return 'stale-timestamp';
  return SIGNATURE.test(signature) ? null : 'bad-signature';
}

/**
 * The value of `X-Chatwoot-Signature`: `sha256=` and lower-case hex of HMAC-SHA256 over `<timestamp>.<body>`.
 * The secret is used as raw text; it has no prefix and is not base64-decoded (contract §1.1).
 */
export function sign(
  secret: string,
  timestampSeconds: number | string,
  rawBody: Uint8Array | string,
): string {
  const hex = createHmac('sha256', secret).update(`${timestampSeconds}.`).update(rawBody).digest('hex');
  return `sha256=${hex}`;
}
