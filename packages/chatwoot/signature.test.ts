import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { type SignedDelivery, sign, verify } from './signature.ts';
import { fixtureText } from './testing-fixtures.ts';

const vectors = z
  .array(
    z.object({
      name: z.string(),
      secret: z.string(),
      timestamp: z.string(),
      raw_body: z.string(),
      expect: z.literal('reject').optional(),
      headers: z.object({ 'X-Chatwoot-Signature': z.string(), 'X-Chatwoot-Timestamp': z.string() }),
    }),
  )
  .parse(JSON.parse(fixtureText('signature_vectors.json')));

const secret = 'hG7kQ2mVx9RtYb4LnWc8ZpDs';
const timestamp = '1781770503';
const now = 1_781_770_503_000;
const rawBody = Buffer.from('{"event":"message_created","id":90341}');
const signature = sign(secret, timestamp, rawBody);
const good: SignedDelivery = { rawBody, signature, timestamp, secrets: [secret], now };

describe('the vectors of the contract', () => {
  test.each(vectors)('$name', (vector) => {
    const verdict = verify({
      rawBody: Buffer.from(vector.raw_body),
      signature: vector.headers['X-Chatwoot-Signature'],
      timestamp: vector.headers['X-Chatwoot-Timestamp'],
      secrets: [vector.secret],
      now: Number(vector.timestamp) * 1000,
    });
    expect(verdict).toEqual(
      vector.expect === 'reject' ? { ok: false, reason: 'bad-signature' } : { ok: true, secretIndex: 0 },
    );
  });
});

describe('verify', () => {
  test.each<[string, Partial<SignedDelivery>, string]>([
    ['no signature', { signature: undefined }, 'missing-signature'],
    ['an empty signature', { signature: '' }, 'missing-signature'],
    ['no timestamp', { timestamp: undefined }, 'missing-timestamp'],
    ['an empty timestamp', { timestamp: '' }, 'missing-timestamp'],
    ['a signed number', { timestamp: '+1781770503' }, 'bad-timestamp'],
    ['a negative number', { timestamp: '-1781770503' }, 'bad-timestamp'],
    ['a blank before it', { timestamp: ' 1781770503' }, 'bad-timestamp'],
    ['a line break after it', { timestamp: '1781770503\n' }, 'bad-timestamp'],
    ['an exponent', { timestamp: '1.781770503e9' }, 'bad-timestamp'],
    ['a fraction', { timestamp: '1781770503.0' }, 'bad-timestamp'],
    ['hex digits', { timestamp: '0x6a33a787' }, 'bad-timestamp'],
    ['digits of another script', { timestamp: '١٧٨١٧٧٠٥٠٣' }, 'bad-timestamp'],
    ['too many digits', { timestamp: '1'.repeat(13) }, 'bad-timestamp'],
    ['two header values joined', { timestamp: '1781770503, 1781770503' }, 'bad-timestamp'],
    ['milliseconds', { timestamp: '178177050300' }, 'stale-timestamp'],
    ['a timestamp one step too old', { now: now + 300_001 }, 'stale-timestamp'],
    ['a timestamp one step too new', { now: now - 300_001 }, 'stale-timestamp'],
    ['a clock that is no number', { now: Number.NaN }, 'stale-timestamp'],
    ['a shorter tolerance', { now: now + 11_000, toleranceSeconds: 10 }, 'stale-timestamp'],
    ['another timestamp than was signed', { timestamp: '1781770504' }, 'bad-signature'],
    ['another body', { rawBody: Buffer.from('{}') }, 'bad-signature'],
    ['no secrets', { secrets: [] }, 'bad-signature'],
    ['an empty secret', { secrets: [''], signature: sign('', timestamp, rawBody) }, 'bad-signature'],
    ['hex without its prefix', { signature: signature.slice(7) }, 'bad-signature'],
    ['upper-case hex', { signature: signature.toUpperCase() }, 'bad-signature'],
    ['two header values joined', { signature: `${signature}, ${signature}` }, 'bad-signature'],
    ['the right one and more', { signature: `${signature}0` }, 'bad-signature'],
    ['all but the last digit', { signature: signature.slice(0, -1) }, 'bad-signature'],
    ['no hex', { signature: `sha256=${'z'.repeat(64)}` }, 'bad-signature'],
    ['no ASCII, right length', { signature: 'ſ'.repeat(71) }, 'bad-signature'],
    ['half characters', { signature: '\ud800'.repeat(71) }, 'bad-signature'],
    ['zero bytes', { signature: '\0'.repeat(71) }, 'bad-signature'],
    ['a megabyte', { signature: 'a'.repeat(1 << 20) }, 'bad-signature'],
  ])('refuses %s', (_what, change, reason) => {
    expect(verify({ ...good, ...change })).toEqual({ ok: false, reason });
  });

  test.each([300_000, -300_000, 0])('accepts a clock that is %i ms apart', (apart) => {
    expect(verify({ ...good, now: now + apart })).toEqual({ ok: true, secretIndex: 0 });
  });

  test.each([
    [[secret, 'other'], 0],
    [['other', secret], 1],
    [['', 'other', secret, secret], 2],
  ])('says which of the secrets it was: %j', (secrets, secretIndex) => {
    expect(verify({ ...good, secrets })).toEqual({ ok: true, secretIndex });
  });
});

const seconds = fc.integer({ min: 0, max: 253_402_300_799 });
const bytes = fc.uint8Array({ maxLength: 200 });
const someSecret = fc.string({ minLength: 1, maxLength: 80, unit: 'binary' });

test('what was signed verifies', () => {
  fc.assert(
    fc.property(someSecret, seconds, bytes, (key, at, body) => {
      const signed = { rawBody: body, signature: sign(key, at, body), timestamp: String(at) };
      expect(verify({ ...signed, secrets: ['first', key], now: at * 1000 }).ok).toBe(true);
    }),
  );
});

test('any flipped byte fails', () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ minLength: 1, maxLength: 200 }),
      fc.nat(),
      fc.integer({ min: 1, max: 255 }),
      (body, position, flip) => {
        const changed = Uint8Array.from(body);
        const at = position % body.length;
        changed[at] = (changed[at] ?? 0) ^ flip;
        const verdict = verify({ ...good, rawBody: changed, signature: sign(secret, timestamp, body) });
        expect(verdict).toEqual({ ok: false, reason: 'bad-signature' });
      },
    ),
  );
});

test('nothing makes it throw', () => {
  const header = fc.option(fc.string({ unit: 'binary', maxLength: 100 }), { nil: undefined });
  fc.assert(
    fc.property(
      header,
      header,
      fc.array(fc.string()),
      bytes,
      fc.double(),
      (given, at, secrets, body, clock) => {
        expect(verify({ rawBody: body, signature: given, timestamp: at, secrets, now: clock }).ok).toBe(
          false,
        );
        expect(verify({ ...good, signature: given, rawBody: body, secrets }).ok).toBe(false);
      },
    ),
  );
});
