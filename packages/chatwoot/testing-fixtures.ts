import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ChatwootEvent, Delivery } from './event.ts';
import { parseEvent } from './parse.ts';

// For tests only. The payloads live with the testkit, which this package does not import.
const folder = fileURLToPath(new URL('../testkit/fixtures/', import.meta.url));

export const delivery: Delivery = {
  id: '0b2f6c1e-6b0e-4d0b-9a53-3b1c6f2a9e10',
  source: 'default',
  kind: 'account',
  receivedAt: 1_781_770_504_000,
};

/** Every webhook payload, as `variants/message_created.private_note.json`. */
export const payloadFiles: readonly string[] = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.json') && file !== 'signature_vectors.json')
  .sort();

export function fixtureText(file: string): string {
  return readFileSync(join(folder, file), 'utf8');
}

/** A fresh copy of a payload with some top-level keys replaced. */
export function payload(file: string, changes: Record<string, unknown> = {}): Record<string, unknown> {
  return { ...JSON.parse(fixtureText(file)), ...changes };
}

export function eventOf(file: string, changes: Record<string, unknown> = {}): ChatwootEvent {
  return parseEvent(payload(file, changes), delivery);
}
