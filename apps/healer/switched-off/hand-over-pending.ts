import { setTimeout as sleep } from 'node:timers/promises';
import {
  type AskBotOfInbox,
  CallFailure,
  type ChatwootClient,
  type ConversationState,
} from '@switchyard/chatwoot';
import { type BotSwitch, type Enqueuer, type HandoverOrder, handoverDelivery } from '@switchyard/jobs';
import type { Duty } from '../duties.ts';
import { type Aside, createAside } from '../set-aside.ts';

export interface HandOverPendingParts {
  readonly botSwitch: Pick<BotSwitch, 'read'>;
  readonly client: Pick<ChatwootClient, 'profile'> & {
    readonly inboxes: Pick<ChatwootClient['inboxes'], 'list'>;
    readonly conversations: Pick<ChatwootClient['conversations'], 'list'>;
  };
  readonly botOfInbox: AskBotOfInbox;
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
 * else answers there. An inbox or an account that Chatwoot does not show is set aside; the others are gone through.
 */
export function createHandOverPending(parts: HandOverPendingParts): Duty {
  const { botSwitch, client, botOfInbox, enqueuer, accounts, now = Date.now, pauseMs = PAUSE_MS } = parts;
  let swept: { readonly since: number | null; readonly at: number } | null = null;

  async function handOverAll(offSince: number | null, aside: Aside, signal: AbortSignal): Promise<number> {
    let entered = 0;
    for (const account of accounts ?? (await client.profile({ signal })).accounts.map(({ id }) => id)) {
      const inboxes = await orAside(aside, 'account', () => client.inboxes.list(account, { signal }));
      for (const { id } of inboxes ?? []) {
        entered += (await orAside(aside, 'inbox', () => handOverInbox(offSince, account, id, signal))) ?? 0;
      }
    }
    return entered;
  }

  async function handOverInbox(
    offSince: number | null,
    account: number,
    inbox: number,
    signal: AbortSignal,
  ): Promise<number> {
    if (!(await mayBeOurs(account, inbox))) return 0;
    let entered = 0;
    for (let page = 1; ; page += 1) {
      const pending = await client.conversations.list(
        account,
        { status: 'pending', inbox, page },
        { signal },
      );
      const deliveries = pending.map((one) =>
        handoverDelivery(orderOf(offSince, account, inbox, one), now()),
      );
      const answers = await enqueuer.enqueue(deliveries);
      entered += answers.filter((answer) => answer === 'accepted').length;
      if (pending.length < PAGE) return entered;
      await sleep(pauseMs, null, { signal });
    }
  }

  /** Where that can't be told, the job of each handover asks, in its own lane, and is seen when it fails. */
  async function mayBeOurs(account: number, inbox: number): Promise<boolean> {
    try {
      const { kind } = await botOfInbox(account, inbox);
      return kind === 'ours' || kind === 'unknown';
    } catch (error) {
      if (error instanceof CallFailure && error.failure === 'transient') return true;
      throw error;
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
      if (bot.on || !isDue) return { found: {}, setAside: [] };
      const aside = createAside();
      const entered = await handOverAll(bot.at, aside, signal);
      // Until a look finds nothing new: what leaves the list while it is read moves others to pages read before.
      swept = entered > 0 ? null : { since: bot.at, at: now() };
      return { found: { 'bot-off': entered }, setAside: aside.all() };
    },
  };
}

/** undefined where it failed and that is no end of the round. */
async function orAside<T>(
  aside: Aside,
  what: 'account' | 'inbox',
  work: () => Promise<T>,
): Promise<T | undefined> {
  try {
    const done = await work();
    aside.wentWell();
    return done;
  } catch (error) {
    aside.set(what, error);
    return undefined;
  }
}

/**
 * Pending again after it was handed over, a conversation has another time of change, and is handed over again. So is
 * one whose order found the bot turned on, where the bot is off once more.
 */
function orderOf(
  offSince: number | null,
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
    occasion: `off-${offSince ?? 0}-${Math.floor(updatedAt ?? 0)}`,
  };
}
