import { crc32 } from 'node:zlib';
import type { ChatwootEvent } from '@switchyard/chatwoot';
import { placeOf, type StoryOrigin } from '../story-job.ts';
import { pushNumber, pushText, readBytes } from './bytes.ts';

/** What all jobs of a delivery have in common; written when the delivery is accepted. */
export type Origin = Omit<StoryOrigin, 'jobId' | 'queue' | 'lane'>;

/** The first byte of a record tells what it is; one as JSON begins with `[`, one of an end with the number of its shape. */
export const ORIGIN = 1;
/** The epoch of records, 2020-01-01, so that a time in ms has five bytes until 2054. */
export const SINCE = 1_577_836_800_000;
const TIME_BYTES = 5;

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const BODY = /^body-[0-9a-f]{32}$/;

/** Known by a number; a name that is not among them is written out. Add at the end: the numbers are in Redis. */
const EVENTS = [
  'conversation_created',
  'conversation_updated',
  'conversation_status_changed',
  'message_created',
  'message_updated',
  'contact_created',
  'contact_updated',
  'conversation_opened',
  'conversation_resolved',
];
const USUAL_SOURCE = 'default';

/** Null for a delivery whose id is not sixteen bytes: its jobs tell all by themselves. */
export function packOrigin(event: ChatwootEvent): Buffer | null {
  const { id, source, receivedAt } = event.delivery;
  const idBytes = bytesOfId(id);
  const since = receivedAt - SINCE;
  if (idBytes === null || since < 0 || since >= 2 ** (8 * TIME_BYTES)) return null;
  const time = Buffer.alloc(TIME_BYTES);
  time.writeUIntBE(since, 0, TIME_BYTES);
  const rest: number[] = [];
  const known = EVENTS.indexOf(event.name) + 1;
  // The lowest bit: a body's digest in place of a UUID.
  pushNumber(rest, 2 * known + (BODY.test(id) ? 1 : 0));
  if (known === 0) pushText(rest, event.name);
  pushText(rest, source === USUAL_SOURCE ? '' : source);
  const { account, conversation, contact } = placeOf(event);
  for (const number of [account, conversation, contact, event.message?.id ?? null])
    pushNumber(rest, number === null ? 0 : number + 1);
  return Buffer.concat([Buffer.of(ORIGIN), time, idBytes, Buffer.from(rest)]);
}

/** @throws {RangeError} for what is cut short. */
export function unpackOrigin(record: Buffer): Origin {
  const bytes = readBytes(record.subarray(1));
  const receivedAt = SINCE + bytes.take(TIME_BYTES).readUIntBE(0, TIME_BYTES);
  const hex = bytes.take(16).toString('hex');
  const kind = bytes.number();
  const known = Math.floor(kind / 2);
  const event = known === 0 ? bytes.text() : (EVENTS[known - 1] ?? 'unknown');
  const source = bytes.text();
  const id = () => {
    const number = bytes.number();
    return number === 0 ? null : number - 1;
  };
  const [account, conversation, contact, message] = [id(), id(), id(), id()];
  return {
    delivery: kind % 2 === 1 ? `body-${hex}` : asUuid(hex),
    event,
    source: source === '' ? USUAL_SOURCE : source,
    account,
    conversation,
    contact,
    message,
    receivedAt,
  };
}

/** Three bytes by which a job's end names its delivery; the newest one before it in its bucket is meant. */
export function referenceTo(delivery: string): number {
  return crc32(delivery) % 2 ** 24;
}

function bytesOfId(delivery: string): Buffer | null {
  if (UUID.test(delivery)) return Buffer.from(delivery.replaceAll('-', ''), 'hex');
  return BODY.test(delivery) ? Buffer.from(delivery.slice('body-'.length), 'hex') : null;
}

function asUuid(hex: string): string {
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}
