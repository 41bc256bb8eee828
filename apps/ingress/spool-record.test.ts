import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeDelivery, encodeDelivery, encodeRecord, scanRecords } from './spool-record.ts';
import { deliveryNamed } from './testing-deliveries.ts';

/** Also binary payloads, which hold what looks like the beginning of a record. */
const payloads = fc.array(
  fc.oneof(
    fc.string({ unit: 'binary', maxLength: 60 }).map((text) => Buffer.from(text, 'utf8')),
    fc.constantFrom('a', 'bb').map((text) => Buffer.from(text)),
  ),
  { minLength: 1, maxLength: 12 },
);

const join = (all: readonly Buffer[]) => Buffer.concat(all.map(encodeRecord));
const texts = (bytes: Buffer, more = false) =>
  scanRecords(bytes, more).records.map(({ payload }) => payload.toString('latin1'));

describe('scanRecords', () => {
  test('finds what was written', () => {
    fc.assert(
      fc.property(payloads, (all) => {
        const bytes = join(all);
        const scan = scanRecords(bytes, false);
        expect(scan.records.map(({ payload }) => payload)).toEqual(all);
        expect([scan.damage, scan.next]).toEqual([[], bytes.length]);
      }),
    );
  });

  test('of bytes cut anywhere, finds all whole records and says where the torn one begins', () => {
    const all = ['one', 'two', 'three'].map((text) => Buffer.from(text));
    const ends = all.map((_, index) => join(all.slice(0, index + 1)).length);
    const bytes = join(all);
    for (let cut = 0; cut <= bytes.length; cut += 1) {
      const scan = scanRecords(bytes.subarray(0, cut), false);
      const whole = ends.filter((end) => end <= cut);
      expect(scan.records).toHaveLength(whole.length);
      const torn = whole.at(-1) ?? 0;
      expect(scan.damage).toEqual(torn === cut ? [] : [{ start: torn, end: cut }]);
    }
  });

  test('of bytes with one changed, loses the record it is in and no other', () => {
    fc.assert(
      fc.property(payloads, fc.nat(), fc.integer({ min: 1, max: 255 }), (all, where, flip) => {
        const bytes = join(all);
        const at = where % bytes.length;
        bytes.writeUInt8(bytes.readUInt8(at) ^ flip, at);
        const hit = all.findIndex((_, index) => join(all.slice(0, index + 1)).length > at);
        const others = all.filter((_, index) => index !== hit).map((one) => one.toString('latin1'));
        expect(texts(bytes)).toEqual(others);
        const [first] = scanRecords(bytes, false).damage;
        expect(first?.start).toBe(join(all.slice(0, hit)).length);
      }),
    );
  });

  test('of any bytes, never throws, never finds what was not written, and accounts for each byte', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.boolean(), (garbage, more) => {
        const bytes = Buffer.from(garbage);
        const { records, damage, next } = scanRecords(bytes, more);
        expect(records).toEqual([]);
        expect(damage.reduce((sum, { start, end }) => sum + end - start, 0)).toBe(next);
        if (!more) expect(next).toBe(bytes.length);
      }),
    );
  });

  test('finds the same in pieces of any size', () => {
    fc.assert(
      fc.property(payloads, fc.integer({ min: 1, max: 80 }), fc.nat(), (all, size, where) => {
        const bytes = join(all);
        bytes.writeUInt8(bytes.readUInt8(where % bytes.length) ^ 1, where % bytes.length);
        const found: string[] = [];
        let from = 0;
        for (let to = size; from < bytes.length; to += size) {
          const piece = bytes.subarray(from, to);
          found.push(...texts(piece, to < bytes.length));
          from += scanRecords(piece, to < bytes.length).next;
        }
        expect(found).toEqual(texts(bytes));
      }),
    );
  });
});

describe('a delivery as a record', () => {
  test('comes back as it was', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const delivery = deliveryNamed('a', 1, text);
        const [record] = scanRecords(encodeDelivery(delivery), false).records;
        expect(record && decodeDelivery(record.payload)).toEqual(delivery);
      }),
    );
  });

  test('is null when it is not one of ours', () => {
    for (const text of ['', '{', 'null', '[]', '{"event":{}}', '{"event":{"delivery":{"id":1}},"jobs":[]}'])
      expect(decodeDelivery(Buffer.from(text))).toBe(null);
  });
});
