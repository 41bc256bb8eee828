import type { Readable } from 'node:stream';

/**
 * How fast large bodies are read, all together, so that strangers who send as fast as they can leave the event loop
 * to the others. What lies below `freeBytes` of a body, which is all of nearly every delivery, is never held up.
 */
export interface Pace {
  /** Some bytes of a stream were read, `length` by now; pauses it where it has to wait. */
  read(stream: Readable, bytes: number, length: number): void;
  /** Its body is read no more; whoever closes its connection need not read the rest. */
  forget(stream: Readable): void;
}

const FREE_BYTES = 256 * 1024;
const BYTES_A_SECOND = 64 * 1024 * 1024;
const TURN_MS = 20;
/** What a socket gives at a time, at most. */
const CHUNK_BYTES = 64 * 1024;

export function createPace(bytesASecond = BYTES_A_SECOND, freeBytes = FREE_BYTES): Pace {
  const aTurn = (bytesASecond * TURN_MS) / 1000;
  const waiting = new Set<Readable>();
  let left = aTurn;
  let scheduled = false;

  function schedule(): void {
    if (scheduled) return;
    scheduled = true;
    setTimeout(turn, TURN_MS).unref();
  }

  function turn(): void {
    // What was read beyond the last turn's share is taken off this one's.
    left = Math.min(aTurn, left + aTurn);
    let going = 0;
    for (const stream of waiting) {
      if (going >= left) break;
      waiting.delete(stream);
      stream.resume();
      // It begins to flow only in the next turn of the event loop, and is then counted as it is read.
      going += CHUNK_BYTES;
    }
    scheduled = false;
    if (left < aTurn || waiting.size > 0) schedule();
  }

  return {
    read(stream, bytes, length) {
      if (length <= freeBytes) return;
      left -= bytes;
      schedule();
      if (left > 0) return;
      stream.pause();
      waiting.add(stream);
    },
    forget: (stream) => void waiting.delete(stream),
  };
}
