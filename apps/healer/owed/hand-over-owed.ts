import { type AskBotOfInbox, CallFailure, isAccountShut } from '@switchyard/chatwoot';
import {
  type Enqueuer,
  type HandoverCause,
  type HandoverOrder,
  handoverDelivery,
  type OwedJob,
  type OwedJobs,
} from '@switchyard/jobs';
import type { Duty } from '../duties.ts';
import { type Aside, createAside } from '../set-aside.ts';
import { owedAnswer } from './owed-answer.ts';

export interface HandOverOwedParts {
  readonly owed: Pick<OwedJobs, 'overdue' | 'dead'>;
  readonly botOfInbox: AskBotOfInbox;
  readonly enqueuer: Enqueuer;
  /** How old a message is when the bot's answer to it is no longer waited for. */
  readonly handOverAfterMs: number;
  readonly now?: () => number;
}

const QUEUE = 'bot-replies';
const EVERY_MS = 5_000;
/** What died longer ago has been seen by an earlier healer, or is nobody's news any more. */
const DEAD_WITHIN_MS = 24 * 60 * 60_000;
const MOST_REMEMBERED = 100_000;

/**
 * Finds what bot-replies owes customers and has not done in time, or never will, and has it handed over. It looks at
 * the line's own records, so it does not matter why: bot-replies is down, hangs, is paused, held back by an outage,
 * behind, or its job died. What fails for one of them is no matter of the others.
 */
export function createHandOverOwed(parts: HandOverOwedParts): Duty {
  const { owed, botOfInbox, enqueuer, handOverAfterMs, now = Date.now } = parts;
  // What was looked at need not be read again. Only a memory: entering it once more would change nothing.
  const settled = { overdue: new Set<string>(), dead: new Set<string>() };

  async function enterAll(
    jobs: readonly OwedJob[],
    cause: 'overdue' | 'dead',
    { aside, signal }: { readonly aside: Aside; readonly signal: AbortSignal },
  ): Promise<number> {
    let entered = 0;
    const refused = new Set<number>();
    for (const job of jobs) {
      signal.throwIfAborted();
      const order = owedAnswer(job, cause);
      if (order !== null && refused.has(order.account)) continue;
      try {
        if (order !== null && (await enter(order))) entered += 1;
        settled[cause].add(job.jobId);
        aside.wentWell();
      } catch (error) {
        const account = isAccountShut(error) ? order?.account : undefined;
        aside.set(account === undefined ? 'job' : 'account', error);
        if (account !== undefined) refused.add(account);
      }
    }
    return entered;
  }

  /** Whether it is new. */
  async function enter(order: HandoverOrder): Promise<boolean> {
    if (!(await mayBeOurs(order))) return false;
    const [answer] = await enqueuer.enqueue([handoverDelivery(order, now())]);
    return answer === 'accepted';
  }

  /** Where that can't be told, the job of the handover asks, in its own lane, and is seen when it fails. */
  async function mayBeOurs({ account, inbox }: HandoverOrder): Promise<boolean> {
    try {
      const { kind } = await botOfInbox(account, inbox);
      return kind === 'ours' || kind === 'unknown';
    } catch (error) {
      if (error instanceof CallFailure && error.scope === 'item') return true;
      throw error;
    }
  }

  function known(cause: HandoverCause & keyof typeof settled): ReadonlySet<string> {
    if (settled[cause].size > MOST_REMEMBERED) settled[cause].clear();
    return settled[cause];
  }

  return {
    name: 'owed',
    causes: ['overdue', 'dead'],
    everyMs: EVERY_MS,
    async round(signal) {
      const overdue = await owed.overdue(QUEUE, now() - handOverAfterMs, known('overdue'));
      const dead = await owed.dead(QUEUE, now() - DEAD_WITHIN_MS, known('dead'));
      const aside = createAside();
      const found = {
        overdue: await enterAll(overdue, 'overdue', { aside, signal }),
        dead: await enterAll(dead, 'dead', { aside, signal }),
      };
      return { found, setAside: aside.all() };
    },
  };
}
