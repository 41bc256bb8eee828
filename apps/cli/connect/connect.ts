import { loadCliConfig } from '@switchyard/config';
import { CommandFailure } from '../command-failure.ts';
import type { CommandContext } from '../context.ts';
import { readEnvFile, withEnv, writeEnvFile } from '../env-file.ts';
import { EXIT, type ExitCode } from '../exit.ts';
import { type Chatwoot, withChatwoot } from '../open-chatwoot.ts';
import { probeIngress } from '../probe.ts';
import { neededSubscriptions } from '../subscriptions.ts';
import { urlWarnings, webhookUrl } from '../webhook-url.ts';
import { requireAdministrator } from './access.ts';
import { type ConnectedBot, connectBot } from './bot.ts';
import { type ConnectResult, tellConnected } from './report.ts';
import { secretVariables, unsignedAdvice } from './secrets.ts';
import { connectWebhook } from './webhook.ts';

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
  const url = webhookUrl(options.url, options.source);
  // Before Chatwoot makes a secret: one that can't be written down would have to be looked up by hand.
  const envText = options.writeEnv === undefined ? '' : await readEnvFile(options.writeEnv);

  const result = await withChatwoot(config, async (chatwoot): Promise<ConnectResult> => {
    const access = await requireAdministrator(chatwoot.client, options.account, signal);
    const wish = {
      account: options.account,
      url,
      name: options.name,
      subscriptions,
      replace: options.replace ?? null,
    };
    const made = await connectWebhook(chatwoot.client, wish, signal);
    const bot = await botOf(options, url, chatwoot, context);
    const secrets = [made.webhook.secret, bot?.connected.bot.secret ?? null].filter((one) => one !== null);
    const variables = secretVariables({
      source: options.source,
      configured: config.sources[options.source],
      inFile: config.sourcesInFile.includes(options.source),
      written: envText,
      secrets,
      botToken: newToken(bot?.connected.bot.accessToken ?? null, config.chatwoot.botToken, envText),
    });
    return {
      access,
      account: options.account,
      source: options.source,
      webhook: made,
      bot,
      variables,
      envFile: options.writeEnv ?? null,
      advice: [
        ...(made.webhook.secret === null ? unsignedAdvice(options) : []),
        ...urlWarnings(url),
        ...othersAdvice(made.others),
        ...(unsure.length > 0 && options.events === undefined
          ? [
              `subscribed to every event, because ${unsure.join(', ')} choose theirs with a function; --events names fewer`,
            ]
          : []),
      ],
    };
  });

  if (options.writeEnv !== undefined && Object.keys(result.variables.env).length > 0) {
    await writeEnvFile(options.writeEnv, withEnv(envText, result.variables.env));
  }
  tellConnected(result, terminal);
  const isWaiting = result.bot !== null && !result.bot.attached;
  return result.webhook.webhook.secret === null || isWaiting ? EXIT.problem : EXIT.ok;
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
  { client }: Chatwoot,
  { signal }: CommandContext,
): Promise<ConnectResult['bot']> {
  const { account, bot: name, inbox } = options;
  if (name === undefined || inbox === undefined) return null;
  const botUrl = options.botUrl === undefined ? url : webhookUrl(options.botUrl, options.source);
  const wish = { account, name, inbox, url: botUrl, replace: options.replaceBot === true };
  const connected = await connectBot(client, wish, signal);
  if (connected.attached) return { connected, url: botUrl, attached: true, waitsFor: null };
  const waitsFor = options.verify ? await whyNotYet(connected, botUrl, signal) : null;
  if (waitsFor === null) await client.agentBots.connect(account, connected.inbox.id, connected.bot.id);
  return { connected, url: botUrl, attached: waitsFor === null, waitsFor };
}

async function whyNotYet({ bot }: ConnectedBot, url: string, signal: AbortSignal): Promise<string | null> {
  try {
    const { status } = await probeIngress(url, bot.secret, signal);
    if (status === 200) return null;
    if (status === 401) return "the ingress does not know the bot's secret yet";
    return `${url} answers ${status}`;
  } catch (error) {
    return error instanceof CommandFailure ? error.message : `${url} can't be asked`;
  }
}

/** null when it is configured already and no file is to be written. */
function newToken(token: string | null, configured: string | null, envText: string): string | null {
  return envText === '' && token === configured ? null : token;
}

function othersAdvice(others: readonly { readonly id: number; readonly url: string }[]): string[] {
  return others.map(
    ({ id, url }) =>
      `webhook ${id} of this account (${url}) looks like Switchyard's too: every event comes from both. Delete it in Chatwoot, or move it here with --replace ${id}`,
  );
}
