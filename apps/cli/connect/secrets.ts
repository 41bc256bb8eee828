import { randomBytes } from 'node:crypto';
import type { SourceConfig } from '@switchyard/config';
import { envValue } from '../env-file.ts';

/** Where the secrets have to go. */
export interface SecretVariables {
  /** Lines of the environment; empty when everything is there already. */
  readonly env: Readonly<Record<string, string>>;
  /** What the config file needs so that the variable is read; null when nothing. */
  readonly configFile: string | null;
}

export interface SecretPlace {
  readonly source: string;
  /** The source as configured now. */
  readonly configured: SourceConfig | undefined;
  /** Whether the config file describes it, so that CHATWOOT_WEBHOOK_SECRET is not looked at. */
  readonly inFile: boolean;
  /** The text of the .env file that is to be written; '' when none is. */
  readonly written: string;
  readonly secrets: readonly string[];
  readonly botToken: string | null;
}

/** New secrets are added to those that are there: another account's, or one that is being rotated. */
export function secretVariables(place: SecretPlace): SecretVariables {
  const { source, configured, inFile, written, secrets, botToken } = place;
  const name = variableOf(source);
  const before = listOf(envValue(written, name));
  const known = configured !== undefined && 'secrets' in configured ? configured.secrets : [];
  const isConfigured = secrets.every((secret) => known.includes(secret));
  const isWritten = written === '' ? isConfigured : secrets.every((secret) => before.includes(secret));
  const kept = written === '' ? known : before;
  const all = [...new Set([...kept, ...secrets])];
  const env = {
    ...(secrets.length === 0 || isWritten ? {} : { [name]: all.join(',') }),
    ...(botToken === null || envValue(written, 'CHATWOOT_BOT_TOKEN') === botToken
      ? {}
      : { CHATWOOT_BOT_TOKEN: botToken }),
  };
  const needsFile = secrets.length > 0 && !isConfigured && (inFile || source !== 'default');
  return {
    env,
    configFile: needsFile
      ? `sources: { ${keyOf(source)}: { secrets: process.env.${name}?.split(',') ?? [] } }`
      : null,
  };
}

/** `CHATWOOT_WEBHOOK_SECRET` for the default source, with its name behind for another. */
function variableOf(source: string): string {
  const suffix = source === 'default' ? '' : `_${source.toUpperCase().replaceAll('-', '_')}`;
  return `CHATWOOT_WEBHOOK_SECRET${suffix}`;
}

function keyOf(source: string): string {
  return /^[a-z][a-z0-9]*$/.test(source) ? source : `'${source}'`;
}

function listOf(value: string | null): string[] {
  return value === null ? [] : value.split(',').flatMap((part) => (part.trim() === '' ? [] : [part.trim()]));
}

/** For a Chatwoot that does not sign: it has no secret, so the address itself has to be one. */
export function unsignedAdvice({
  account,
  url,
  source,
}: {
  account: number;
  url: string;
  source: string;
}): string[] {
  const token = randomBytes(24).toString('base64url');
  const name = source === 'default' ? 'unsigned' : source;
  const origin = new URL(url).origin;
  return [
    'Chatwoot gave no secret: it is older than 4.11.2 and does not sign its webhooks, so the ingress would refuse them. Best is to upgrade Chatwoot.',
    `until then, take them unsigned, guarded by a token in the address. In the config file: sources: { ${keyOf(name)}: { account: ${account}, unsigned: { token: '${token}' } } }`,
    `then restart the ingress and move the webhook there: switchyard connect --account ${account} --url ${origin}/webhooks/chatwoot/${name}/${token} --source ${name} --replace <its id>`,
  ];
}
