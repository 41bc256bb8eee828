import { setTimeout as sleep } from 'node:timers/promises';
import type { ChatwootClient, ConversationState } from '@switchyard/chatwoot';
import { type BotSwitch, type Enqueuer, type HandoverOrder, handoverDelivery } from '@switchyard/jobs';
import type { BotInboxes } from '../bot-inboxes.ts';
import type { Duty } from '../duties.ts';

export interface HandOverPendingParts {
  readonly botSwitch: Pick<BotSwitch, 'read'>;
  readonly client: Pick<ChatwootClient, 'profile' | 'inboxes' | 'conversations'>;
  readonly inboxes: BotInboxes;
  readonly enqueuer: Enqueuer;
  /** null for all that the token can see. */
  readonly accounts: readonly number[] | null;
  readonly now?: () => number;
  readonly pauseMs?: number;
}

const EVERY_MS = 5_000;
/** Off, what became pending by other ways than a message is found at the latest so much later. */
const AGAIN_MS = 60_000;
/** Chatwoot's page. */
const PAGE = 25;
/** Between two pages, so that a long list is no load to Chatwoot: 50 conversations a second. */
const PAUSE_MS = 500;

/**
 * While the bot is off, hands over what is pending in its inboxes: people don't see pending conversations, and nobody
 * else answers there.
 */
export function createHandOverPending(parts: HandOverPendingParts): Duty {
  const { botSwitch, client, inboxes, enqueuer, accounts, now = Date.now, pauseMs = PAUSE_MS } = parts;
  let swept: { readonly since: number | null; readonly at: number } | null = null;

  async function handOverAll(signal: AbortSignal): Promise<number> {
    let entered = 0;
    for (const account of accounts ?? (await client.profile({ signal })).accounts.map(({ id }) => id)) {
      for (const { id } of await client.inboxes.list(account, { signal })) {
        if (await inboxes.has(account, id, signal)) entered += await handOverInbox(account, id, signal);
      }
    }
    return entered;
  }

  async function handOverInbox(account: number, inbox: number, signal: AbortSignal): Promise<number> {
    let entered = 0;
    for (let page = 1; ; page += 1) {
      const pending = await client.conversations.list(
        account,
        { status: 'pending', inbox, page },
        { signal },
      );
      const deliveries = pending.map((one) => handoverDelivery(orderOf(account, inbox, one), now()));
      const answers = await enqueuer.enqueue(deliveries);
      entered += answers.filter((answer) => answer === 'accepted').length;
      if (pending.length < PAGE) return entered;
      await sleep(pauseMs, null, { signal });
    }
  }

  return {
    name: 'switched-off',
    causes: ['bot-off'],
    everyMs: EVERY_MS,
    async round(signal) {
      const bot = await botSwitch.read();
      if (bot.on) swept = null;
      const isDue = swept === null || swept.since !== bot.at || now() - swept.at >= AGAIN_MS;
      if (bot.on || !isDue) return { found: {} };
      const entered = await handOverAll(signal);
      // Until a look finds nothing new: what leaves the list while it is read moves others to pages read before.
      swept = entered > 0 ? null : { since: bot.at, at: now() };
      return { found: { 'bot-off': entered } };
    },
  };
}

/** Pending again after it was handed over, a conversation has another time of change, and is handed over again. */
function orderOf(
  account: number,
  inbox: number,
  { id, contact, updatedAt }: ConversationState,
): HandoverOrder {
  return {
    cause: 'bot-off',
    account,
    conversation: id,
    inbox,
    contact: contact?.id ?? null,
    message: null,
    job: null,
    occasion: `off-${Math.floor(updatedAt ?? 0)}`,
  };
}
