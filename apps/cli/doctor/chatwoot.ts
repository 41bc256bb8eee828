import type { ChatwootClient, Profile, Webhook } from '@switchyard/chatwoot';
import { CallFailure } from '@switchyard/chatwoot';
import type { CliConfig } from '@switchyard/config';
import { durationText } from '../durations.ts';
import { type Chatwoot, withPlace } from '../open-chatwoot.ts';
import { neededSubscriptions } from '../subscriptions.ts';
import { type Check, type Finding, fail, ok, skip, warn } from './check.ts';
import { nameFindings } from './names.ts';
import { judgeWebhooks } from './webhook.ts';

export interface ChatwootQuestions {
  readonly config: CliConfig;
  readonly chatwoot: Chatwoot;
  readonly account: number | null;
  /** What the webhook has to point at; null when nobody said. */
  readonly url: string | null;
  /** How far the ingress's clock is before ours; null when it could not be asked. */
  readonly ingressAheadMs: Promise<number | null>;
}

/** Everything but the first waits for who the token is. */
export function chatwootChecks(questions: ChatwootQuestions): Check[] {
  const { config, chatwoot, account } = questions;
  const { client } = chatwoot;
  const group = 'Chatwoot';
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
    {
      group,
      name: 'clock',
      async run() {
        const ingress = await questions.ingressAheadMs;
        // Any answer has a Date, a refusal too.
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
    perAccount('webhook', (id, signal) => webhookFindings(questions, id, signal)),
    perAccount('names in rules', (id, signal) => nameFindings(config, client, id, signal)),
    ...(config.chatwoot.botToken === null
      ? []
      : [perAccount('bot token', async (id, signal) => [await botFinding(client, id, signal)])]),
  ];
}

/** Whether the token's user may do what the workers do, in each account. Pure. */
export function judgeProfile(
  profile: Profile,
  account: number | null,
  configured: readonly number[] | null,
): Finding[] {
  const who = profile.name ?? `user ${profile.id}`;
  const wanted = account === null ? configured : [account];
  if (profile.accounts.length === 0) {
    return [fail('token', `${who} is in no account`, 'Use the token of an administrator of the account.')];
  }
  const missing = (wanted ?? []).filter((id) => profile.accounts.every((one) => one.id !== id));
  const seen = profile.accounts.filter(({ id }) => wanted === null || wanted.includes(id));
  return [
    ...missing.map((id) => {
      const theirs = profile.accounts.map((one) => one.id).join(', ');
      return fail(
        'token',
        `${who} is not in account ${id}, only in ${theirs}`,
        'Invite them there, or use another token.',
      );
    }),
    ...seen.map(({ id, name, role }) => {
      const place = `${who} in account ${id}${name === null ? '' : ` (${name})`}`;
      if (role === 'administrator' || role === null) return ok('token', `${place}, administrator`);
      return warn(
        'token',
        `${place} has the role ${role}: conversations it opens are assigned to it, it sees its inboxes only, and webhooks can't be checked`,
        "Use an administrator's token for CHATWOOT_API_TOKEN.",
      );
    }),
  ];
}

async function webhookFindings(
  { config, chatwoot, url }: ChatwootQuestions,
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
  const secrets = Object.values(config.sources).flatMap((source) =>
    'secrets' in source ? source.secrets : [],
  );
  const { needed } = neededSubscriptions(config);
  return judgeWebhooks({ account, webhooks, url, needed, secrets, hasUnsigned: hasUnsigned(config) });
}

function hasUnsigned({ sources }: CliConfig): boolean {
  return Object.values(sources).some((source) => 'unsigned' in source);
}

async function botFinding(client: ChatwootClient, account: number, signal: AbortSignal): Promise<Finding> {
  try {
    await client.agentBots.checkToken(account, { signal });
  } catch (error) {
    const denied =
      error instanceof CallFailure && (error.failure === 'permanent' || error.failure === 'refused');
    if (!denied) throw error;
    return fail(
      'bot token',
      error.message,
      "Copy the bot's access token again, or have it made: switchyard connect --bot.",
    );
  }
  return ok('bot token', `is good for account ${account}`);
}

/** How far two clocks are apart; a delivery more than 300 s off is refused (contract §1.1). Pure. */
export function judgeClock(aheadMs: number | null, whose: string): Finding {
  if (aheadMs === null) return skip('clock', "Chatwoot's answers have no Date");
  const apart = Math.abs(aheadMs);
  const text = `Chatwoot's clock is ${durationText(apart)} ${aheadMs > 0 ? 'ahead of' : 'behind'} ${whose}`;
  const fix = 'Let both machines keep time by NTP (timedatectl set-ntp true).';
  if (apart > 300_000) return fail('clock', `${text}: every delivery is refused, 300 s is the limit`, fix);
  if (apart > 30_000) return warn('clock', `${text}; from 300 s on every delivery is refused`, fix);
  return ok('clock', apart < 2_000 ? `Chatwoot's and ${whose} agree` : text);
}
