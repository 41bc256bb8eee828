import { type CliConfig, loadCliConfig } from '@switchyard/config';
import { familyOf, readAddress, shownAddress } from '../address/source-address.ts';
import { webhookUrl } from '../address/webhook-url.ts';
import { CommandFailure } from '../command-failure.ts';
import type { CommandContext } from '../context.ts';
import { readEnvFile, withEnv, writeEnvFile } from '../env-file.ts';
import { EXIT, type ExitCode } from '../exit.ts';
import { type Chatwoot, withChatwoot } from '../open-chatwoot.ts';
import { probeIngress } from '../probe.ts';
import { neededSubscriptions } from '../subscriptions.ts';
import { administratorOf } from './access.ts';
import { accountPlace } from './account.ts';
import { connectAdvice, othersAdvice } from './advice.ts';
import { connectBot } from './bot.ts';
import { accountNamed, othersAt, unsignedToken, versionOf } from './facts.ts';
import { connectHook, type Signing } from './hook.ts';
import { type ConnectResult, isDone, tellConnected } from './report.ts';
import { type SourceVariables, sourceVariables } from './variables.ts';

export interface ConnectOptions {
  readonly account: number;
  readonly url: string;
  readonly source: string;
  readonly name: string;
  readonly events?: readonly string[] | undefined;
  readonly replace?: number | undefined;
  readonly bot?: string | undefined;
  readonly inbox?: number | undefined;
  readonly botUrl?: string | undefined;
  readonly replaceBot?: boolean | undefined;
  readonly verify: boolean;
  readonly writeEnv?: string | undefined;
}

/** Makes sure that Chatwoot posts to this Switchyard, and tells the secrets it signs with. Safe to repeat. */
export async function connect(options: ConnectOptions, context: CommandContext): Promise<ExitCode> {
  const { terminal, signal } = context;
  assertBotOptions(options);
  const config = await loadCliConfig();
  const { needed, unsure } = neededSubscriptions(config);
  const subscriptions = options.events ?? needed;
  if (subscriptions.length === 0) {
    throw new CommandFailure(
      EXIT.usage,
      'NOTHING_WANTED',
      'nothing in the configuration works on any event',
      ['Configure crm, bot, routing or workers (docs/configuration.md), or name the events with --events.'],
    );
  }
  // Before Chatwoot makes a secret: one that can't be written down would have to be looked up by hand.
  const written = options.writeEnv === undefined ? '' : await readEnvFile(options.writeEnv);
  const result = await withChatwoot(config, (chatwoot) =>
    connectSource({ options, config, subscriptions, written, signal }, chatwoot),
  );
  if (unsure.length > 0 && options.events === undefined) {
    result.advice.push(
      `subscribed to every event, because ${unsure.join(', ')} choose theirs with a function; --events names fewer`,
    );
  }
  if (options.writeEnv !== undefined && Object.keys(result.variables.env).length > 0) {
    await writeEnvFile(options.writeEnv, withEnv(written, result.variables.env));
  }
  tellConnected(result, terminal);
  return isDone(result) ? EXIT.ok : EXIT.problem;
}

interface Wanted {
  readonly options: ConnectOptions;
  readonly config: CliConfig;
  readonly subscriptions: readonly string[];
  /** The text of the file that is to be written. */
  readonly written: string;
  readonly signal: AbortSignal;
}

/** What is looked at stands before what is written: an account that can't come here changes nothing. */
async function connectSource(wanted: Wanted, { client }: Chatwoot): Promise<ConnectResult> {
  const { options, config, subscriptions, written, signal } = wanted;
  const { account } = options;
  const url = webhookUrl(options.url, options.source);
  const source = familyOf(readAddress(url)?.source ?? options.source);
  const [version, profile] = await Promise.all([versionOf(client, signal), client.profile({ signal })]);
  const access = administratorOf(profile, account);
  const configured = accountNamed(config, source, written);
  const others = configured === null ? await othersAt(client, profile, { account, url }, signal) : [];
  const naming = accountPlace({ account, source, configured, others, version });
  const [webhooks, bots] = await Promise.all([
    client.webhooks.list(account, { signal }),
    options.bot === undefined ? [] : client.agentBots.list(account, { signal }),
  ]);
  const urls = [...webhooks.map((one) => one.url), ...bots.flatMap((bot) => bot.outgoingUrl ?? [])];
  const signing: Signing = {
    version,
    token: unsignedToken(config, source, written, { urls, wanted: url }),
    whyNotYet: async (at, secret) => (options.verify ? whyNotYet(at, secret, signal) : null),
  };
  const wish = { account, url, name: options.name, subscriptions, replace: options.replace ?? null };
  const hook = await connectHook(client, wish, signing, signal);
  const bot = await botOf(options, url, signing, client, signal);
  const unsigned = [hook.webhook.url, bot?.url ?? ''].map(readAddress).find((at) => at?.token != null);
  const variables = sourceVariables({
    source,
    account: naming === 'shared' ? null : account,
    secrets: [hook.webhook.secret, bot?.connected.bot.secret ?? null].filter((one) => one !== null),
    unsigned: unsigned?.token == null ? null : { source: unsigned.source, token: unsigned.token },
    botToken: newToken(bot?.connected.bot.accessToken ?? null, config.chatwoot.botToken, written),
    sources: config.sources,
    inFile: config.sourcesInFile,
    written,
  });
  return {
    access,
    account,
    version,
    source,
    webhook: hook,
    bot,
    variables: naming === 'as-it-is' && written === '' ? withoutAccount(variables) : variables,
    envFile: options.writeEnv ?? null,
    advice: [
      ...connectAdvice({ hook, version, naming, others, account, chosen: config.chatwoot.accounts }),
      ...othersAdvice(hook.others),
    ],
  };
}

/** It is in the environment already, of which no file is written. */
function withoutAccount({ env, configFile }: SourceVariables): SourceVariables {
  const { CHATWOOT_ACCOUNT: _, ...rest } = env;
  return { env: rest, configFile };
}

function assertBotOptions({ bot, inbox, botUrl, replaceBot }: ConnectOptions): void {
  if (bot !== undefined && inbox !== undefined) return;
  if (bot !== undefined) {
    throw new CommandFailure(
      EXIT.usage,
      'OPTION_MISSING',
      '--bot: also say which inbox gets it, with --inbox <id>',
    );
  }
  if (inbox !== undefined || botUrl !== undefined || replaceBot) {
    throw new CommandFailure(
      EXIT.usage,
      'OPTION_MISSING',
      '--inbox, --bot-url and --replace-bot go with --bot <name>',
      [
        "Chatwoot's account webhooks are for all inboxes; sources.<name>.inboxes in the config file takes some only.",
      ],
    );
  }
}

/**
 * A bot whose deliveries are refused makes Chatwoot open every pending conversation of its inbox (contract §1.4), so
 * it is attached only once the ingress knows its secret.
 */
async function botOf(
  options: ConnectOptions,
  url: string,
  signing: Signing,
  client: Chatwoot['client'],
  signal: AbortSignal,
): Promise<ConnectResult['bot']> {
  const { account, bot: name, inbox } = options;
  if (name === undefined || inbox === undefined) return null;
  const wanted = options.botUrl === undefined ? url : webhookUrl(options.botUrl, options.source);
  const wish = { account, name, inbox, url: wanted, replace: options.replaceBot === true };
  const connected = await connectBot(client, wish, signing, signal);
  const { bot } = connected;
  const at = bot.outgoingUrl ?? wanted;
  if (connected.attached) return { connected, url: at, attached: true, waitsFor: connected.waitsFor };
  const waitsFor = await signing.whyNotYet(at, bot.secret);
  if (waitsFor === null) await client.agentBots.connect(account, connected.inbox.id, bot.id);
  return { connected, url: at, attached: waitsFor === null, waitsFor };
}

async function whyNotYet(url: string, secret: string | null, signal: AbortSignal): Promise<string | null> {
  const shown = shownAddress(url);
  try {
    const { status } = await probeIngress(url, secret, signal);
    if (status === 200) return null;
    if (status === 401) return `the ingress does not know its ${secret === null ? 'token' : 'secret'} yet`;
    return `${shown} answers ${status}`;
  } catch (error) {
    return error instanceof CommandFailure ? error.message.replace(url, shown) : `${shown} can't be asked`;
  }
}

/** null when it is configured already and no file is to be written. */
function newToken(token: string | null, configured: string | null, written: string): string | null {
  return written === '' && token === configured ? null : token;
}
