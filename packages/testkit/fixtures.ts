import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

const folder = join(import.meta.dirname, 'fixtures');
const vectorsName = 'signature_vectors';

export interface Fixture {
  readonly name: string;
  /** The file as it is, byte for byte: what a signature would be made over. */
  readonly raw: string;
  readonly body: Readonly<Record<string, unknown>>;
}

/** A payload by its path in `fixtures/` without `.json`: `message_created`, `variants/…`, `simplified/…`. */
export function fixture(name: string): Fixture {
  const raw = readFileSync(join(folder, `${name}.json`), 'utf8');
  return { name, raw, body: z.record(z.string(), z.unknown()).parse(JSON.parse(raw)) };
}

/** Every payload there is, sorted; the signature vectors are not payloads. */
export function fixtureNames(): readonly string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.json'))
    .map((path) => path.slice(0, -'.json'.length).replaceAll('\\', '/'))
    .filter((name) => name !== vectorsName)
    .sort();
}

const signatureVector = z.strictObject({
  name: z.string(),
  secret: z.string(),
  timestamp: z.string(),
  raw_body: z.string(),
  expect: z.literal('reject').optional(),
  headers: z.record(z.string(), z.string()),
});

export type SignatureVector = z.infer<typeof signatureVector>;

/** Known signatures, one of which (`expect: 'reject'`) is wrong on purpose. */
export function signatureVectors(): readonly SignatureVector[] {
  return z
    .array(signatureVector)
    .parse(JSON.parse(readFileSync(join(folder, `${vectorsName}.json`), 'utf8')));
}
