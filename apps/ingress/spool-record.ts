import { crc32 } from 'node:zlib';
import type { PlannedDelivery } from '@switchyard/jobs';

/**
 * A record of the spool: magic byte, version byte, payload length (u32), CRC-32 of all that comes before and of the
 * payload (u32), payload. Big-endian. The payload is a planned delivery as JSON in UTF-8.
 *
 * The magic byte never occurs in UTF-8. So behind a damaged record the next whole one is found again by looking
 * for it, and no customer's text can pass for a record.
 */
const MAGIC = 0xfa;
const VERSION = 1;
const HEADER_BYTES = 10;
const CRC_AT = 6;

/** Above this a length is damage: a body is 5 MB at most, and what is kept of it is smaller. */
export const LARGEST_RECORD_BYTES = 64 * 1024 * 1024;

/** @throws {RangeError} for a payload larger than any delivery can be. */
export function encodeRecord(payload: Buffer): Buffer {
  if (payload.length + HEADER_BYTES > LARGEST_RECORD_BYTES) throw new RangeError('too large for the spool');
  const record = Buffer.allocUnsafe(HEADER_BYTES + payload.length);
  record.writeUInt8(MAGIC, 0);
  record.writeUInt8(VERSION, 1);
  record.writeUInt32BE(payload.length, 2);
  record.writeUInt32BE(checksum(record, payload), CRC_AT);
  payload.copy(record, HEADER_BYTES);
  return record;
}

/** A stretch of bytes, from its first to behind its last. */
export interface Stretch {
  readonly start: number;
  readonly end: number;
}

export interface ScannedRecord extends Stretch {
  readonly payload: Buffer;
}

export interface Scan {
  /** Whole records, in order. Payloads are views of the scanned bytes. */
  readonly records: readonly ScannedRecord[];
  /** What is no record: torn by a crash, or changed since. */
  readonly damage: readonly Stretch[];
  /** Where to go on when more bytes are there. */
  readonly next: number;
}

/**
 * Finds the records in bytes of a segment, whatever the bytes are; never throws. With `more`, what may be the
 * beginning of a record whose end is not here yet is left for the next scan.
 */
export function scanRecords(bytes: Buffer, more: boolean): Scan {
  const records: ScannedRecord[] = [];
  const damage: Stretch[] = [];
  let damagedFrom: number | null = null;
  let at = 0;
  while (at < bytes.length) {
    const end = recordEnd(bytes, at);
    if (end === 'beyond' && more) break;
    if (typeof end === 'number') {
      if (damagedFrom !== null) damage.push({ start: damagedFrom, end: at });
      damagedFrom = null;
      records.push({ start: at, end, payload: bytes.subarray(at + HEADER_BYTES, end) });
      at = end;
    } else {
      damagedFrom ??= at;
      const magic = bytes.indexOf(MAGIC, at + 1);
      at = magic === -1 ? bytes.length : magic;
    }
  }
  if (damagedFrom !== null) damage.push({ start: damagedFrom, end: at });
  return { records, damage, next: at };
}

/** Where the record that begins here ends; `beyond` when these bytes can't tell; null when it is none. */
function recordEnd(bytes: Buffer, at: number): number | 'beyond' | null {
  if (bytes[at] !== MAGIC) return null;
  if (at + HEADER_BYTES > bytes.length) return 'beyond';
  if (bytes[at + 1] !== VERSION) return null;
  const end = at + HEADER_BYTES + bytes.readUInt32BE(at + 2);
  if (end - at > LARGEST_RECORD_BYTES) return null;
  if (end > bytes.length) return 'beyond';
  const header = bytes.subarray(at, at + HEADER_BYTES);
  const payload = bytes.subarray(at + HEADER_BYTES, end);
  return checksum(header, payload) === header.readUInt32BE(CRC_AT) ? end : null;
}

function checksum(header: Buffer, payload: Buffer): number {
  return crc32(payload, crc32(header.subarray(0, CRC_AT)));
}

export function encodeDelivery(delivery: PlannedDelivery): Buffer {
  return encodeRecord(Buffer.from(JSON.stringify(delivery), 'utf8'));
}

/** @returns null for a payload this version can't read: the record is whole, but another program's. */
export function decodeDelivery(payload: Buffer): PlannedDelivery | null {
  try {
    const value: unknown = JSON.parse(payload.toString('utf8'));
    return isPlannedDelivery(value) ? value : null;
  } catch {
    return null;
  }
}

/** The frame only: the inside was written by us and its checksum fits. */
function isPlannedDelivery(value: unknown): value is PlannedDelivery {
  const delivery = at(at(value, 'event'), 'delivery');
  const jobs = at(value, 'jobs');
  return (
    typeof at(delivery, 'id') === 'string' &&
    typeof at(delivery, 'receivedAt') === 'number' &&
    Array.isArray(jobs) &&
    jobs.every((job) => typeof at(job, 'queue') === 'string' && typeof at(job, 'lane') === 'string') &&
    ['semanticKey', 'replayKey'].every((key) => isTextOrNull(at(value, key)))
  );
}

function at(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined;
}

function isTextOrNull(value: unknown): boolean {
  return value === null || typeof value === 'string';
}
