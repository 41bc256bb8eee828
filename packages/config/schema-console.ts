import { z } from 'zod';
import { blankIsUnset } from './blank.ts';
import { isGuessed } from './guessed.ts';

const LEAST_PASSWORD = 12;

/** CONSOLE_PASSWORD. */
export function consolePassword() {
  const check = z
    .string()
    .trim()
    .refine((value) => value.length >= LEAST_PASSWORD && !isGuessed(value), {
      error:
        `expected at least ${LEAST_PASSWORD} characters that are not easily guessed (no one word with digits, no ` +
        'repetition); make one with: openssl rand -base64 24',
    });
  return z
    .preprocess(blankIsUnset, check.optional())
    .describe('console: what operators log in with, at least 12 characters. There is no default.');
}

/** CONSOLE_AUTH. */
export function consoleAuth() {
  return z
    .preprocess(
      blankIsUnset,
      z.enum(['password', 'none'], { error: 'expected password or none' }).default('password'),
    )
    .describe(
      'console: `none` lets in whoever reaches its port, for a machine of your own or behind a proxy that asks; else ' +
        '`CONSOLE_PASSWORD` is needed.',
    );
}

/** CONSOLE_ALLOWED_HOSTS. */
export function consoleHosts() {
  const names = z
    .string()
    .transform((value) => value.split(',').map((name) => name.trim().toLowerCase()))
    .refine((all) => all.every((name) => /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/.test(name)), {
      error: 'expected host names separated by commas, without scheme and port, such as ops.example.com',
    });
  return z
    .preprocess(blankIsUnset, names.optional())
    .describe(
      'console: names it is reached by in a browser, such as that of a proxy before it, separated by commas. Addresses, ' +
        '`localhost` and names without a dot always do.',
    );
}

/** @returns the line to refuse to start with; null when nothing is missing. */
export function missingConsoleAuth(auth: 'password' | 'none', password: string | undefined): string | null {
  if (auth === 'none' || password !== undefined) return null;
  return (
    `CONSOLE_PASSWORD: not set; give the console one of at least ${LEAST_PASSWORD} characters, or let in whoever ` +
    'reaches its port with CONSOLE_AUTH=none'
  );
}
