import { CallFailure } from '@switchyard/chatwoot';
import {
  type Enqueuer,
  type HandoverCause,
  handoverDelivery,
  type OwedJob,
  type OwedJobs,
} from '@switchyard/jobs';
import type { BotInboxes } from '../bot-inboxes.ts';
import type { Duty } from '../duties.ts';
import { owedAnswer } from './owed-answer.ts';

export interface HandOverOwedParts {
  readonly owed: Pick<OwedJobs, 'overdue' | 'dead'>;
  readonly inboxes: BotInboxes;
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
 * behind, or its job died.
 */
export function createHandOverOwed(parts: HandOverOwedParts): Duty {
  const { owed, inboxes, enqueuer, handOverAfterMs, now = Date.now } = parts;
  // What was looked at need not be read again. Only a memory: entering it once more would change nothing.
  const settled = new Set<string>();

  async function enter(jobs: readonly OwedJob[], cause: HandoverCause, signal: AbortSignal): Promise<number> {
    let entered = 0;
    for (const job of jobs) {
      signal.throwIfAborted();
      const order = owedAnswer(job, cause);
      if (order !== null && (await isBots(order, signal))) {
        const [answer] = await enqueuer.enqueue([handoverDelivery(order, now())]);
        if (answer === 'accepted') entered += 1;
      }
      settled.add(known(cause, job.jobId));
    }
    return entered;
  }

  /** Where that can't be told, the job of the handover asks, and is seen when it fails. */
  async function isBots(
    { account, inbox }: { readonly account: number; readonly inbox: number | null },
    signal: AbortSignal,
  ): Promise<boolean> {
    if (inbox === null) return true;
    return inboxes.has(account, inbox, signal).catch((error: unknown) => {
      if (error instanceof CallFailure && error.failure === 'permanent') return true;
      throw error;
    });
  }

  function without(cause: HandoverCause): Set<string> {
    return new Set(
      [...settled].flatMap((key) => (key.startsWith(`${cause} `) ? [key.slice(cause.length + 1)] : [])),
    );
  }

  return {
    name: 'owed',
    causes: ['overdue', 'dead'],
    everyMs: EVERY_MS,
    async round(signal) {
      if (settled.size > MOST_REMEMBERED) settled.clear();
      const overdue = await owed.overdue(QUEUE, now() - handOverAfterMs, without('overdue'));
      const dead = await owed.dead(QUEUE, now() - DEAD_WITHIN_MS, without('dead'));
      return {
        found: { overdue: await enter(overdue, 'overdue', signal), dead: await enter(dead, 'dead', signal) },
      };
    },
  };
}

function known(cause: HandoverCause, jobId: string): string {
  return `${cause} ${jobId}`;
}
