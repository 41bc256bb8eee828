import type { SourceConfig } from '@switchyard/config';
import { envValue } from '../env-file.ts';

/** Where what a source has to know is put. */
export interface SourceVariables {
  /** Lines of the environment; empty when everything is there already. */
  readonly env: Readonly<Record<string, string>>;
  /** What the config file needs beside them; null when nothing. */
  readonly configFile: string | null;
}

export interface SourcePlace {
  /** `default`, or the source that the config file describes. */
  readonly source: string;
  /** The account it is to name; null where it names none, or names it already. */
  readonly account: number | null;
  readonly secrets: readonly string[];
  /** The source for what is not signed, and the token in its address; null where everything is signed. */
  readonly unsigned: { readonly source: string; readonly token: string } | null;
  readonly botToken: string | null;
  /** As configured now. */
  readonly sources: Readonly<Record<string, SourceConfig>>;
  /** Those that the config file describes, so that no variable makes them. */
  readonly inFile: readonly string[];
  /** The text of the .env file that is to be written; '' when none is. */
  readonly written: string;
}

/** New secrets are added to those that are there: another account's, or one that is being rotated. Pure. */
export function sourceVariables(place: SourcePlace): SourceVariables {
  const { source, account, written, botToken } = place;
  const entries = [signedEntry(place), unsignedEntry(place)].filter((entry) => entry !== null);
  return {
    env: {
      ...secretLine(place),
      ...tokenLine(place),
      ...(account === null || source !== 'default' || envValue(written, 'CHATWOOT_ACCOUNT') === `${account}`
        ? {}
        : { CHATWOOT_ACCOUNT: `${account}` }),
      ...(botToken === null || envValue(written, 'CHATWOOT_BOT_TOKEN') === botToken
        ? {}
        : { CHATWOOT_BOT_TOKEN: botToken }),
    },
    configFile: entries.length === 0 ? null : `sources: { ${entries.join(', ')} }`,
  };
}

/** `CHATWOOT_UNSIGNED_TOKEN` for the default source, with the other's name behind. */
export function tokenVariable(family: string): string {
  return variable('CHATWOOT_UNSIGNED_TOKEN', family);
}

function secretLine({ source, sources, secrets, written }: SourcePlace): Record<string, string> {
  const name = variable('CHATWOOT_WEBHOOK_SECRET', source);
  const known = written === '' ? secretsOf(sources[source]) : listOf(envValue(written, name));
  if (secrets.every((secret) => known.includes(secret))) return {};
  return { [name]: [...new Set([...known, ...secrets])].join(',') };
}

function tokenLine({ source, sources, unsigned, written }: SourcePlace): Record<string, string> {
  if (unsigned === null) return {};
  const name = tokenVariable(source);
  const known = written === '' ? tokenOf(sources[unsigned.source]) : envValue(written, name);
  return known === unsigned.token ? {} : { [name]: unsigned.token };
}

/** What the file has to say of a signed source; null where it says so, or where the variables are enough. */
function signedEntry({ source, account, sources, inFile, secrets }: SourcePlace): string | null {
  const known = secretsOf(sources[source]);
  const isRight =
    secrets.every((secret) => known.includes(secret)) && (account === null || source === 'default');
  if (secrets.length === 0 || isRight || !(source !== 'default' || inFile.includes(source))) return null;
  const name = variable('CHATWOOT_WEBHOOK_SECRET', source);
  return `${keyOf(source)}: { ${accountOf(source, account)}secrets: process.env.${name}?.split(',') ?? [] }`;
}

function unsignedEntry({ source, account, sources, inFile, unsigned }: SourcePlace): string | null {
  if (unsigned === null || (source === 'default' && !inFile.includes(unsigned.source))) return null;
  const isRight =
    tokenOf(sources[unsigned.source]) === unsigned.token && (account === null || source === 'default');
  if (isRight) return null;
  const name = tokenVariable(source);
  return `${keyOf(unsigned.source)}: { ${accountOf(source, account)}unsigned: { token: process.env.${name} ?? '' } }`;
}

/** CHATWOOT_ACCOUNT says it for the default source, wherever that is described. */
function accountOf(source: string, account: number | null): string {
  return account === null || source === 'default' ? '' : `account: ${account}, `;
}

function secretsOf(source: SourceConfig | undefined): readonly string[] {
  return source !== undefined && 'secrets' in source ? source.secrets : [];
}

function tokenOf(source: SourceConfig | undefined): string | null {
  return source !== undefined && 'unsigned' in source ? source.unsigned.token : null;
}

function variable(name: string, source: string): string {
  return source === 'default' ? name : `${name}_${source.toUpperCase().replaceAll('-', '_')}`;
}

function keyOf(source: string): string {
  return /^[a-z][a-z0-9]*$/.test(source) ? source : `'${source}'`;
}

function listOf(value: string | null): string[] {
  return value === null ? [] : value.split(',').flatMap((part) => (part.trim() === '' ? [] : [part.trim()]));
}
