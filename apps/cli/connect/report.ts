import type { ChatwootVersion } from '@switchyard/chatwoot';
import { readAddress, shownAddress } from '../address/source-address.ts';
import type { Terminal } from '../terminal.ts';
import type { AccountAccess } from './access.ts';
import type { ConnectedBot } from './bot.ts';
import type { Hook } from './hook.ts';
import type { SourceVariables } from './variables.ts';

export interface ConnectResult {
  readonly access: AccountAccess;
  readonly account: number;
  /** null where Chatwoot does not tell it. */
  readonly version: ChatwootVersion | null;
  readonly source: string;
  readonly webhook: Hook;
  readonly bot: {
    readonly connected: ConnectedBot;
    readonly url: string;
    readonly attached: boolean;
    /** Why it is not attached, or keeps its old address; null when all is done. */
    readonly waitsFor: string | null;
  } | null;
  readonly variables: SourceVariables;
  readonly envFile: string | null;
  readonly advice: string[];
}

/** Whether Chatwoot's deliveries will be taken, once the ingress has what is told here; nothing is left to be done again. */
export function isDone({ webhook, bot }: ConnectResult): boolean {
  const { secret, url } = webhook.webhook;
  const isGuarded = secret !== null || readAddress(url)?.token != null;
  return isGuarded && webhook.waitsFor === null && (bot === null || (bot.attached && bot.waitsFor === null));
}

export function tellConnected(result: ConnectResult, terminal: Terminal): void {
  terminal.result(asJson(result), () => inWords(result, terminal));
}

/** docs/cli.md has this shape. Secrets are in it only where no file was written. */
function asJson(result: ConnectResult): unknown {
  const { account, version, source, webhook, bot, variables, envFile, advice } = result;
  const { id, url, subscriptions, secret } = webhook.webhook;
  const shown = (address: string) => (envFile === null ? address : shownAddress(address));
  return {
    account,
    chatwootVersion: version?.text ?? null,
    source,
    webhook: {
      id,
      url: shown(url),
      action: webhook.action,
      changes: webhook.changes,
      subscriptions,
      signed: secret !== null,
      waitsFor: webhook.waitsFor,
    },
    bot:
      bot === null
        ? null
        : {
            id: bot.connected.bot.id,
            name: bot.connected.bot.name,
            url: shown(bot.url),
            action: bot.connected.action,
            inbox: bot.connected.inbox.id,
            attached: bot.attached,
            waitsFor: bot.waitsFor,
          },
    env: envFile === null ? variables.env : {},
    envFile,
    configFile: variables.configFile,
    advice,
  };
}

function inWords(result: ConnectResult, terminal: Terminal): void {
  const { access, account, version, webhook, bot, variables, envFile, advice } = result;
  const { bold, dim, green, yellow } = terminal.colors;
  const { id, url, subscriptions, secret } = webhook.webhook;
  const tick = green('✓');
  terminal.line(
    `${tick} account ${account}${named(access.accountName)}, as ${access.userName ?? 'an administrator'}`,
  );
  if (version !== null) terminal.line(`${tick} Chatwoot ${version.text}`);
  terminal.line(`${tick} webhook ${id} ${webhook.action}: ${bold(shownAddress(url))}`);
  for (const change of webhook.changes) terminal.line(`    ${change}`);
  terminal.line(dim(`    subscribed to ${subscriptions.join(', ')}`));
  if (secret === null) terminal.line(`${yellow('!')} it does not sign`);
  if (webhook.waitsFor !== null)
    terminal.line(`${yellow('!')} not moved to its signed address yet: ${webhook.waitsFor}`);
  if (bot !== null) {
    const { connected, attached, waitsFor } = bot;
    const inbox = `inbox ${connected.inbox.id} (${connected.inbox.name})`;
    terminal.line(
      `${tick} bot ${connected.bot.id} (${connected.bot.name}) ${connected.action}: ${bold(shownAddress(bot.url))}`,
    );
    if (attached) terminal.line(`${tick} attached to ${inbox}: its new conversations begin pending`);
    if (attached && waitsFor !== null) terminal.line(`${yellow('!')} it keeps its address: ${waitsFor}`);
    if (!attached) terminal.line(`${yellow('!')} not attached to ${inbox} yet: ${waitsFor}`);
  }
  tellSecrets(result, terminal);
  for (const one of advice) terminal.note(`${yellow('!')} ${one}`);
  const isNew = Object.keys(variables.env).length > 0;
  const next = [
    ...(isNew && envFile === null ? ['put these lines into the environment of the ingress (.env)'] : []),
    ...(variables.configFile === null ? [] : [`put this into the config file: ${variables.configFile}`]),
    ...(isNew || variables.configFile !== null
      ? [
          'start the ingress anew, so that it reads them (Compose: deploy/roll.sh; restart does not); until then it refuses these deliveries',
        ]
      : []),
    ...(bot !== null && !bot.attached
      ? ['run this command again: the bot is attached once the ingress answers it']
      : []),
    ...(webhook.waitsFor !== null || (bot?.attached && bot.waitsFor !== null)
      ? ['run this command again: what has to move is moved once the ingress answers there']
      : []),
    `check it all: switchyard doctor --url ${baseOf(url)}`,
  ];
  terminal.line();
  terminal.line(bold('Next'));
  for (const [index, step] of next.entries()) terminal.line(`  ${index + 1}. ${step}`);
}

function tellSecrets({ variables, envFile }: ConnectResult, terminal: Terminal): void {
  const { green } = terminal.colors;
  const names = Object.keys(variables.env);
  if (names.length === 0) {
    terminal.line(`${green('✓')} what it needs is configured already`);
    return;
  }
  if (envFile !== null) {
    terminal.line(`${green('✓')} wrote ${names.join(' and ')} to ${envFile}`);
    return;
  }
  terminal.line();
  for (const [name, value] of Object.entries(variables.env)) terminal.line(`${name}=${value}`);
}

function named(name: string | null): string {
  return name === null ? '' : ` (${name})`;
}

/** Without a token: doctor knows it from the configuration. */
function baseOf(url: string): string {
  const address = readAddress(url);
  return address === null || address.token === null ? url : address.base;
}
