import { randomUUID } from 'node:crypto';
import { readFile, rename, stat, unlink, writeFile } from 'node:fs/promises';
import { CommandFailure } from './command-failure.ts';
import { EXIT } from './exit.ts';

/** Owner only: it holds secrets. */
const MODE = 0o600;

/** The value of a variable in the text of an .env file; null when it has none. The last line counts. */
export function envValue(text: string, name: string): string | null {
  const values = text.split('\n').flatMap((line) => {
    const [, found, value] = LINE.exec(line) ?? [];
    return found === name && value !== undefined ? [unquoted(value.trim())] : [];
  });
  return values.at(-1) ?? null;
}

/** The text with these variables set: where they stand already, else at its end. Everything else stays as it is. */
export function withEnv(text: string, variables: Readonly<Record<string, string>>): string {
  let next = text;
  for (const [name, value] of Object.entries(variables)) {
    const lines = next.split('\n');
    const at = lines.findLastIndex((line) => LINE.exec(line)?.[1] === name);
    if (at >= 0) {
      lines[at] = `${name}=${value}`;
      next = lines.join('\n');
    } else {
      next = `${next === '' || next.endsWith('\n') ? next : `${next}\n`}${name}=${value}\n`;
    }
  }
  return next;
}

/** @throws {CommandFailure} it can't be read. '' when it is not there. */
export async function readEnvFile(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && Reflect.get(error, 'code') === 'ENOENT') return '';
    throw unusable(path, 'read', error);
  }
}

/** In one step: a crash leaves the old file or the new one. @throws {CommandFailure} it can't be written. */
export async function writeEnvFile(path: string, text: string): Promise<void> {
  const beside = `${path}.${randomUUID()}`;
  try {
    const mode = await stat(path).then(
      (found) => found.mode & 0o777,
      () => MODE,
    );
    await writeFile(beside, text, { mode });
    await rename(beside, path);
  } catch (error) {
    await unlink(beside).catch(() => {});
    throw unusable(path, 'written', error);
  }
}

const LINE = /^\s*(?:export\s+)?([A-Z][A-Z0-9_]*)\s*=(.*)$/;

function unquoted(value: string): string {
  return /^(["']).*\1$/s.test(value) ? value.slice(1, -1) : value;
}

function unusable(path: string, what: string, error: unknown): CommandFailure {
  const reason = error instanceof Error ? error.message : 'unknown';
  return new CommandFailure(EXIT.usage, 'ENV_FILE', `--write-env: ${path} can't be ${what}: ${reason}`);
}
