import type { Terminal } from '../terminal.ts';
import type { AccountAccess } from './access.ts';
import type { ConnectedBot } from './bot.ts';
import type { SecretVariables } from './secrets.ts';
import type { ConnectedWebhook } from './webhook.ts';

export interface ConnectResult {
  readonly access: AccountAccess;
  readonly account: number;
  readonly source: string;
  readonly webhook: ConnectedWebhook;
  readonly bot: {
    readonly connected: ConnectedBot;
    readonly url: string;
    readonly attached: boolean;
    /** Why it is not attached yet. */
    readonly waitsFor: string | null;
  } | null;
  readonly variables: SecretVariables;
  readonly envFile: string | null;
  readonly advice: readonly string[];
}

export function tellConnected(result: ConnectResult, terminal: Terminal): void {
  terminal.result(asJson(result), () => inWords(result, terminal));
}

/** docs/cli.md has this shape. Secrets are in it only where no file was written. */
function asJson({ account, source, webhook, bot, variables, envFile, advice }: ConnectResult): unknown {
  const { id, url, subscriptions, secret } = webhook.webhook;
  return {
    account,
    source,
    webhook: {
      id,
      url,
      action: webhook.action,
      changes: webhook.changes,
      subscriptions,
      signed: secret !== null,
    },
    bot:
      bot === null
        ? null
        : {
            id: bot.connected.bot.id,
            name: bot.connected.bot.name,
            url: bot.url,
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
  const { access, account, webhook, bot, variables, envFile, advice } = result;
  const { bold, dim, green, yellow } = terminal.colors;
  const { id, url, subscriptions, secret } = webhook.webhook;
  const tick = green('✓');
  terminal.line(
    `${tick} account ${account}${named(access.accountName)}, as ${access.userName ?? 'an administrator'}`,
  );
  terminal.line(`${tick} webhook ${id} ${webhook.action}: ${bold(url)}`);
  for (const change of webhook.changes) terminal.line(`    ${change}`);
  terminal.line(dim(`    subscribed to ${subscriptions.join(', ')}`));
  if (secret === null) terminal.line(`${yellow('!')} it does not sign`);
  if (bot !== null) {
    const { connected, attached, waitsFor } = bot;
    const inbox = `inbox ${connected.inbox.id} (${connected.inbox.name})`;
    terminal.line(
      `${tick} bot ${connected.bot.id} (${connected.bot.name}) ${connected.action}: ${bold(bot.url)}`,
    );
    if (attached) terminal.line(`${tick} attached to ${inbox}: its new conversations begin pending`);
    else terminal.line(`${yellow('!')} not attached to ${inbox} yet: ${waitsFor}`);
  }
  tellSecrets(result, terminal);
  for (const one of advice) terminal.note(`${yellow('!')} ${one}`);
  const isNew = Object.keys(variables.env).length > 0;
  const next = [
    ...(isNew && envFile === null ? ['put these lines into the environment of the ingress (.env)'] : []),
    ...(variables.configFile === null ? [] : [`put this into the config file: ${variables.configFile}`]),
    ...(isNew || variables.configFile !== null
      ? ['restart the ingress; until then it refuses these deliveries']
      : []),
    ...(bot !== null && !bot.attached
      ? ['run this command again: the bot is attached once the ingress answers it']
      : []),
    `check it all: switchyard doctor --url ${url}`,
  ];
  terminal.line();
  terminal.line(bold('Next'));
  for (const [index, step] of next.entries()) terminal.line(`  ${index + 1}. ${step}`);
}

function tellSecrets({ variables, envFile, webhook }: ConnectResult, terminal: Terminal): void {
  const { green } = terminal.colors;
  const names = Object.keys(variables.env);
  if (names.length === 0) {
    if (webhook.webhook.secret !== null) terminal.line(`${green('✓')} its secrets are configured already`);
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
