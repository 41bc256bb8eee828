import { type AgentBot, type ChatwootClient, type InboxRecord, whoseBot } from '@switchyard/chatwoot';
import type { CliConfig } from '@switchyard/config';
import { shownAddress } from '../address/source-address.ts';
import { leadsHere } from '../address/webhook-url.ts';
import { attempt } from './attempt.ts';
import { type Finding, ok, skip, warn } from './check.ts';
import { judgeGuard } from './guard.ts';

/** More inboxes than that are not asked. */
const MOST_INBOXES = 100;

export interface InboxBotFacts {
  readonly bots: readonly { readonly inbox: InboxRecord; readonly bot: AgentBot }[];
  readonly sources: CliConfig['sources'];
  /** Where this ingress is; null when nobody said. */
  readonly url: string | null;
  readonly hasRules: boolean;
  readonly botToken: string | null;
}

export async function inboxBotFindings(
  client: ChatwootClient,
  account: number,
  { config, url }: { readonly config: CliConfig; readonly url: string | null },
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  const inboxes = await client.inboxes.list(account, { signal });
  const asked = inboxes.slice(0, MOST_INBOXES);
  const found = await Promise.all(
    asked.map(async (inbox) => ({
      inbox,
      bot: await attempt('bots of inboxes', client.agentBots.ofInbox(account, inbox.id, { signal })),
    })),
  );
  const bots = found.flatMap(({ inbox, bot }) =>
    bot.ok && bot.value !== null ? [{ inbox, bot: bot.value }] : [],
  );
  const { sources, chatwoot } = config;
  return [
    ...judgeInboxBots({ bots, sources, url, hasRules: config.bot !== null, botToken: chatwoot.botToken }),
    ...(asked.length < inboxes.length
      ? [skip('bots of inboxes', `only ${asked.length} of ${inboxes.length} inboxes were asked`)]
      : []),
  ];
}

/** Which inboxes have a bot, whose it is, and whether its deliveries are taken here. Pure. */
export function judgeInboxBots({ bots, sources, url, hasRules, botToken }: InboxBotFacts): Finding[] {
  return bots.flatMap(({ inbox, bot }): Finding[] => {
    const name = `bot of inbox ${inbox.id}`;
    const who = `${bot.name} (${bot.id})`;
    const at = bot.outgoingUrl;
    if (at === null || !leadsHere(at, url)) {
      const told = `${inbox.name} has the bot ${who}, which posts to ${at === null ? 'nobody' : shownAddress(at)} and not here`;
      if (!hasRules) return [ok(name, told)];
      if (whoseBot(bot, botToken).kind === 'other') return [ok(name, `${told}: bot.rules leave it alone`)];
      return [
        warn(
          name,
          `${told}: bot.rules answer there all the same, since it counts as Switchyard's`,
          `Let it post here (switchyard connect --bot <name> --inbox ${inbox.id} --replace-bot), or take only the other inboxes (sources.<name>.inboxes).`,
        ),
      ];
    }
    const faults = [
      ...judgeGuard(name, { url: at, secret: bot.secret }, sources, 'bot'),
      ...(hasRules && botToken !== null && bot.accessToken !== null && bot.accessToken !== botToken
        ? [
            warn(
              name,
              `CHATWOOT_BOT_TOKEN is not that of ${who}: replies come from another bot`,
              'switchyard connect --bot tells the right one.',
            ),
          ]
        : []),
    ];
    if (faults.some(({ status }) => status === 'fail')) return faults;
    return [ok(name, `${inbox.name}: ${who} posts here; its new conversations begin pending`), ...faults];
  });
}
