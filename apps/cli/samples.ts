import { readFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { CommandFailure } from './command-failure.ts';
import { EXIT } from './exit.ts';

const FOLDER = join(import.meta.dirname, 'fixtures');
const LARGEST_BYTES = 20 * 1024 * 1024;

/** What each sample is, in the order of the list. */
export const SAMPLES: Readonly<Record<string, string>> = {
  nothing: 'an event without a conversation: checked, answered "ignored", and without any effect',
  message_created: 'a customer writes into conversation 1187 of account 3',
  conversation_created: 'conversation 1187 of account 3 begins',
  conversation_updated: 'its attributes change',
  conversation_status_changed: 'its status changes',
  contact_created: 'a contact appears',
  contact_updated: 'a contact tells more of itself',
  agent_reply: 'a human answers in the conversation',
};

/** The text of a sample, or of a JSON file, byte for byte. @throws {CommandFailure} there is neither, or it is no JSON. */
export async function readPayload(name: string): Promise<string> {
  const isSample = Object.hasOwn(SAMPLES, name);
  const text = isSample ? await readFile(join(FOLDER, `${name}.json`), 'utf8') : await readGiven(name);
  try {
    JSON.parse(text);
    return text;
  } catch {
    throw new CommandFailure(EXIT.usage, 'PAYLOAD_NOT_JSON', `${name} is not JSON`, [
      'Give a file with the body of one webhook POST.',
    ]);
  }
}

async function readGiven(name: string): Promise<string> {
  try {
    const text = await readFile(name, 'utf8');
    if (text.length <= LARGEST_BYTES) return text;
    throw new CommandFailure(EXIT.usage, 'PAYLOAD_TOO_LARGE', `${name} is larger than 20 MiB`);
  } catch (error) {
    if (error instanceof CommandFailure) throw error;
    const reason: unknown = error instanceof Error ? Reflect.get(error, 'code') : undefined;
    if (reason !== 'ENOENT') {
      throw new CommandFailure(EXIT.usage, 'PAYLOAD_UNREADABLE', `${name} can't be read (${String(reason)})`);
    }
    const what =
      extname(name) === '' && !name.includes('/') ? `no sample and no file "${name}"` : `no file ${name}`;
    throw new CommandFailure(EXIT.notFound, 'PAYLOAD_NOT_FOUND', what, [
      `The samples are: ${Object.keys(SAMPLES).join(', ')}.`,
    ]);
  }
}

/**
 * The payload with values changed, each written `path=value`; a value that is JSON counts as such, else it is text.
 * Unchanged, its bytes stay as they are.
 */
export function withChanges(text: string, changes: readonly string[]): string {
  if (changes.length === 0) return text;
  const body: unknown = JSON.parse(text);
  for (const change of changes) {
    const at = change.indexOf('=');
    setAt(body, change.slice(0, at).split('.'), valueIn(change.slice(at + 1)), change);
  }
  return JSON.stringify(body);
}

function setAt(holder: unknown, path: readonly string[], value: unknown, change: string): void {
  const [key = '', ...rest] = path;
  const isThere = typeof holder === 'object' && holder !== null && Object.hasOwn(holder, key);
  if (typeof holder !== 'object' || holder === null || (!isThere && rest.length > 0)) {
    throw new CommandFailure(EXIT.usage, 'SET_PATH', `--set ${change}: the payload has nothing at ${key}`);
  }
  if (rest.length === 0)
    Object.defineProperty(holder, key, { value, enumerable: true, configurable: true, writable: true });
  else setAt(Reflect.get(holder, key), rest, value, change);
}

function valueIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
