import type { StoryJob } from '../story-job.ts';
import { type ByteReader, pushNumber, pushSigned, readBytes } from './bytes.ts';
import { type Origin, referenceTo } from './origin.ts';
import { type Shaped, unshape } from './shape.ts';

/** What an end begins with: this and the number of its shape, where that is small; the number follows where it is not. */
const ENDED = 0x80;
const LARGE_SHAPE = 0xff;
const REFERENCE_BYTES = 3;

export function isEnded(record: Buffer): boolean {
  return (record[0] ?? 0) >= ENDED;
}

/** How a job ended, beside what its delivery's record says. */
export function packEnded(
  job: StoryJob & { readonly endedAt: number },
  shapeId: number,
  { numbers }: Shaped,
): Buffer {
  const reference = Buffer.alloc(REFERENCE_BYTES);
  reference.writeUIntBE(referenceTo(job.delivery), 0, REFERENCE_BYTES);
  const isSmall = ENDED + shapeId < LARGE_SHAPE;
  const bytes: number[] = [];
  if (!isSmall) pushNumber(bytes, shapeId);
  const startedAt = job.startedAt ?? job.receivedAt;
  pushSigned(bytes, startedAt - job.receivedAt);
  pushSigned(bytes, job.endedAt - startedAt);
  for (const number of numbers) pushNumber(bytes, number);
  for (const { at } of job.steps) pushSigned(bytes, job.endedAt - (at ?? job.endedAt));
  return Buffer.concat([Buffer.of(isSmall ? ENDED + shapeId : LARGE_SHAPE), reference, Buffer.from(bytes)]);
}

export function referenceIn(record: Buffer): number {
  return record.readUIntBE(1, REFERENCE_BYTES);
}

export function shapeIn(record: Buffer): number {
  return readShape(record).shapeId;
}

function readShape(record: Buffer): { readonly shapeId: number; readonly bytes: ByteReader } {
  const bytes = readBytes(record.subarray(1 + REFERENCE_BYTES));
  const first = record.readUInt8();
  return { shapeId: first === LARGE_SHAPE ? bytes.number() : first - ENDED, bytes };
}

/** @throws for what is cut short, or does not fit its shape. */
export function unpackEnded(record: Buffer, shape: string, origin: Origin): StoryJob {
  const { bytes } = readShape(record);
  const startedAt = origin.receivedAt + bytes.signed();
  const endedAt = startedAt + bytes.signed();
  const { queue, lane, decision, steps } = unshape(shape, bytes.number, origin);
  return {
    ...origin,
    jobId: origin.delivery,
    queue,
    lane,
    startedAt,
    endedAt,
    state: 'done',
    attempts: [],
    decision,
    steps: steps.map((step) => ({ ...step, at: endedAt - bytes.signed() })),
    error: null,
  };
}
