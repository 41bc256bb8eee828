import { type Command, InvalidArgumentError, Option } from 'commander';
import { parseDuration } from './durations.ts';

// How the options that several commands have are written and read.

export function parseId(text: string): number {
  const id = Number(text);
  if (/^\d{1,15}$/.test(text) && id > 0) return id;
  throw new InvalidArgumentError('Expected a whole number above 0.');
}

export function parseCount(text: string): number {
  const count = Number(text);
  if (/^\d{1,7}$/.test(text) && count > 0) return count;
  throw new InvalidArgumentError('Expected a whole number from 1 to 9999999.');
}

export function parseAge(text: string): number {
  const ms = parseDuration(text);
  if (ms !== null) return ms;
  throw new InvalidArgumentError('Expected an age such as 90s, 15m, 2h or 3d.');
}

export function parseList(text: string): string[] {
  const parts = text.split(',').flatMap((part) => (part.trim() === '' ? [] : [part.trim()]));
  if (parts.length > 0) return parts;
  throw new InvalidArgumentError('Expected names, separated by commas.');
}

export function parseWebAddress(text: string): string {
  if (/^https?:$/.test(URL.parse(text)?.protocol ?? '')) return text;
  throw new InvalidArgumentError('Expected an address such as https://switchyard.example.com.');
}

/** What every command has. */
export function everyCommand(command: Command, examples: string): Command {
  return command
    .option('--json', 'print one JSON document instead of words (docs/cli.md has the shapes)')
    .addOption(new Option('--debug', 'print the stack of an unexpected error').hideHelp())
    .addHelpText('after', `\nExamples:\n${examples.trim().replaceAll(/^\s*/gm, '  ')}`);
}
