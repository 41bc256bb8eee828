/** A whole number from 0 to 2^53 - 1 in as few bytes as it needs, seven bits in each, the lowest first. */
export function pushNumber(bytes: number[], value: number): void {
  let rest = value;
  while (rest >= 0x80) {
    bytes.push((rest % 0x80) + 0x80);
    rest = Math.floor(rest / 0x80);
  }
  bytes.push(rest);
}

/** The same for one that may be negative. */
export function pushSigned(bytes: number[], value: number): void {
  pushNumber(bytes, value < 0 ? -2 * value - 1 : 2 * value);
}

export function pushText(bytes: number[], text: string): void {
  const encoded = Buffer.from(text);
  pushNumber(bytes, encoded.length);
  for (const byte of encoded) bytes.push(byte);
}

/** Reads what the others wrote, in the same order. */
export interface ByteReader {
  take(length: number): Buffer;
  number(): number;
  signed(): number;
  text(): string;
}

/** @throws {RangeError} when the bytes end before what is asked for. */
export function readBytes(bytes: Buffer): ByteReader {
  let at = 0;
  function take(length: number): Buffer {
    if (at + length > bytes.length) throw new RangeError('the record is cut short');
    at += length;
    return bytes.subarray(at - length, at);
  }
  function number(): number {
    let value = 0;
    for (let unit = 1; ; unit *= 0x80) {
      const byte = take(1).readUInt8();
      value += (byte % 0x80) * unit;
      if (byte < 0x80) return value;
    }
  }
  return {
    take,
    number,
    signed() {
      const value = number();
      return value % 2 === 1 ? -(value + 1) / 2 : value / 2;
    },
    text: () => take(number()).toString(),
  };
}
