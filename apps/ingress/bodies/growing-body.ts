const SMALLEST = 4 * 1024;
const TIMES = 4;
/** Memory that nothing was written to is none yet, but for the first pages of a piece. */
const PAGES = 64 * 1024;

/**
 * The bytes of one body as they come, in one buffer that grows by fours. Chunks are copied: a body that comes in
 * single bytes would else hold hundreds of bytes for each. A whole one in a single chunk is not.
 */
export interface GrowingBody {
  add(chunk: Buffer): void;
  readonly length: number;
  /** Bytes of memory it takes, about. */
  readonly resident: number;
  take(): Buffer;
}

/** `expected`: how long it will be, or may be at most. */
export function createGrowingBody(expected: number): GrowingBody {
  let bytes: Buffer = Buffer.alloc(0);
  let length = 0;
  return {
    add(chunk) {
      if (length === 0 && chunk.length === expected) {
        bytes = chunk;
      } else {
        if (length + chunk.length > bytes.length) bytes = grown(bytes, length, chunk.length, expected);
        chunk.copy(bytes, length);
      }
      length += chunk.length;
    },
    get length() {
      return length;
    },
    get resident() {
      return Math.min(bytes.length, length + PAGES);
    },
    take: () => bytes.subarray(0, length),
  };
}

function grown(bytes: Buffer, length: number, more: number, expected: number): Buffer {
  const wanted = Math.max(SMALLEST, TIMES * (length + more));
  // Not from Node's pool, a slice of which would hold all of it.
  const larger = Buffer.allocUnsafeSlow(Math.max(length + more, Math.min(expected, wanted)));
  bytes.copy(larger, 0, 0, length);
  return larger;
}
