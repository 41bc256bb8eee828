import type { ChatwootVersion, Webhook } from '@switchyard/chatwoot';
import { CallFailure } from '@switchyard/chatwoot';
import type { CliConfig } from '@switchyard/config';
import { type Chatwoot, withPlace } from '../open-chatwoot.ts';
import { neededSubscriptions } from '../subscriptions.ts';
import { botTokenFinding } from './bot-token.ts';
import { callFindings } from './calls.ts';
import { type Check, type Finding, skip } from './check.ts';
import { judgeClock, skewKnown } from './clock.ts';
import { inboxBotFindings } from './inbox-bots.ts';
import { nameFindings } from './names.ts';
import { judgeSourceAccounts } from './source-accounts.ts';
import { judgeProfile } from './token.ts';
import { judgeVersion } from './version.ts';
import { judgeWebhooks } from './webhook.ts';

export interface ChatwootQuestions {
  readonly config: CliConfig;
  readonly chatwoot: Chatwoot;
  readonly account: number | null;
  /** What the webhook has to point at; null when nobody said. */
  readonly url: string | null;
  /** How far the ingress's clock is before ours; null when it could not be asked. */
  readonly ingressAheadMs: Promise<number | null>;
  /** Admin addresses of apps, the ingress among them. */
  readonly admin: readonly string[];
}

/** Everything but the first waits for who the token is. */
export function chatwootChecks(questions: ChatwootQuestions): Check[] {
  const { config, chatwoot, account } = questions;
  const { client } = chatwoot;
  const group = 'Chatwoot';
  const { botToken } = config.chatwoot;
  const version = client.serverVersion();
  version.catch(() => {});
  const profile = client.profile().catch((error: unknown) => {
    throw withPlace(error, chatwoot.baseUrl);
  });
  profile.catch(() => {});
  const accounts = profile.then(
    (found) => {
      // Those it is not in are the token's finding.
      const seen = found.accounts.map(({ id }) => id);
      const wanted = account === null ? (config.chatwoot.accounts ?? seen) : [account];
      return wanted.filter((id) => seen.includes(id));
    },
    () => null,
  );
  const perAccount = (
    name: string,
    look: (id: number, signal: AbortSignal) => Promise<readonly Finding[]>,
  ): Check => ({
    group,
    name,
    async run(signal) {
      const ids = await accounts;
      if (ids === null) return [skip(name, 'not looked at: see token')];
      return (await Promise.all(ids.map((id) => look(id, signal)))).flat();
    },
  });
  return [
    { group, name: 'token', run: async () => judgeProfile(await profile, account, config.chatwoot.accounts) },
    { group, name: 'version', run: async () => judgeVersion(await version) },
    {
      group,
      name: 'clock',
      async run(signal) {
        const known = await skewKnown(questions.admin, signal);
        if (known !== null) return [judgeClock(known, "the ingress's")];
        const ingress = await questions.ingressAheadMs;
        // A proxy's answer has a Date, a refusal too.
        await profile.catch(() => {});
        const ahead = chatwoot.aheadMs();
        return [
          judgeClock(
            ahead === null ? null : ahead - (ingress ?? 0),
            ingress === null ? 'ours' : "the ingress's",
          ),
        ];
      },
    },
    {
      group,
      name: 'accounts of sources',
      async run() {
        const [found, known] = [await profile.catch(() => null), await version.catch(() => null)];
        if (found === null) return [skip('accounts of sources', 'not looked at: see token')];
        const { sources, chatwoot: asked } = config;
        return judgeSourceAccounts({ sources, profile: found, version: known, chosen: asked.accounts });
      },
    },
    perAccount('calls of the workers', async (id, signal) => {
      const { id: user, name } = await profile;
      return callFindings(client, id, { id: user, name }, signal);
    }),
    perAccount('webhook', async (id, signal) =>
      webhookFindings(questions, await version.catch(() => null), id, signal),
    ),
    perAccount('bots of inboxes', (id, signal) => inboxBotFindings(client, id, questions, signal)),
    perAccount('names in rules', (id, signal) => nameFindings(config, client, id, signal)),
    ...(botToken === null
      ? []
      : [
          perAccount('bot token', async (id, signal) => [
            await botTokenFinding(client, id, botToken, signal),
          ]),
        ]),
  ];
}

async function webhookFindings(
  { config, chatwoot, url }: ChatwootQuestions,
  version: ChatwootVersion | null,
  account: number,
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  let webhooks: readonly Webhook[];
  try {
    webhooks = await chatwoot.client.webhooks.list(account, { signal });
  } catch (error) {
    if (!(error instanceof CallFailure && error.code === 'CHATWOOT_FORBIDDEN')) throw error;
    return [skip('webhook', `account ${account}: only an administrator's token may look`)];
  }
  const { needed } = neededSubscriptions(config);
  return judgeWebhooks({ account, webhooks, url, needed, sources: config.sources, version });
}
