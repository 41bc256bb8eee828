import { setTimeout as sleep } from 'node:timers/promises';
import type { DeadJobs, DeadProgress, DeadResult, DeadTarget } from '@switchyard/jobs';
import type { Logger } from '@switchyard/telemetry';

export type DeadAct = 'redrive' | 'discard';

/** A redrive or a discard, under way or the last that was. */
export interface DeadRun {
  readonly id: number;
  readonly act: DeadAct;
  /** What it is about, in words: `10 of those that died of CRM_REFUSED on crm-sync`. */
  readonly about: string;
  /** How many it is to reach at most; null: all there are. */
  readonly limit: number | null;
  readonly operator: string;
  readonly startedAt: number;
  readonly endedAt: number | null;
  readonly progress: DeadProgress;
  readonly ended: DeadResult['ended'] | 'failed' | null;
}

export interface DeadRunRequest {
  readonly act: DeadAct;
  readonly target: DeadTarget;
  readonly about: string;
  readonly limit: number | null;
  readonly operator: string;
}

/** One is under way: a second at the same time would only be confusing. */
export class RunUnderWay extends Error {
  override readonly name = 'RunUnderWay';
  constructor(run: DeadRun) {
    super(`A ${run.act} of ${run.about} is under way. Wait for its end or stop it first.`);
  }
}

export interface DeadRuns {
  /** The one under way, or the last; null when there was none since the console started. */
  current(): DeadRun | null;
  /** Starts one in the background; it goes on when the page is closed. @throws {RunUnderWay} */
  start(request: DeadRunRequest): DeadRun;
  /** The one under way or the last, when it has ended or after `ms`, whichever is first. */
  within(ms: number): Promise<DeadRun | null>;
  /** Between two batches; what is done stays done. */
  stop(): void;
  /** Stops it and waits for it. */
  close(): Promise<void>;
}

const NOTHING: DeadProgress = { done: 0, notDead: 0, unknown: 0, expired: 0, seen: 0, of: 0 };

export function createDeadRuns({ dead, log }: { readonly dead: DeadJobs; readonly log: Logger }): DeadRuns {
  let run: DeadRun | null = null;
  let made = 0;
  let stopping = new AbortController();
  let ended = Promise.resolve();

  async function carryOut({ act, target, limit, operator }: DeadRunRequest): Promise<void> {
    const change = (over: Partial<DeadRun>) => {
      if (run !== null) run = { ...run, ...over };
    };
    const options = {
      ...(limit === null ? {} : { limit }),
      signal: stopping.signal,
      onProgress: (progress: DeadProgress) => change({ progress }),
    };
    try {
      const result = await (act === 'redrive'
        ? dead.redrive(target, options)
        : dead.discard(target, options));
      const { ended: how, ...progress } = result;
      change({ progress, ended: how, endedAt: Date.now() });
      log.info({ operator, act, target, result }, 'operator: dead jobs dealt with');
    } catch (err) {
      change({ ended: 'failed', endedAt: Date.now() });
      log.warn({ err, operator, act, target }, 'operator: dead jobs could not all be dealt with');
    }
  }

  return {
    current: () => run,
    start(request) {
      if (run !== null && run.endedAt === null) throw new RunUnderWay(run);
      const { act, about, limit, operator, target } = request;
      made += 1;
      stopping = new AbortController();
      run = {
        id: made,
        act,
        about,
        limit,
        operator,
        startedAt: Date.now(),
        endedAt: null,
        progress: NOTHING,
        ended: null,
      };
      log.info({ operator, act, target, limit }, 'operator: deals with dead jobs');
      ended = carryOut(request);
      return run;
    },
    async within(ms) {
      const waited = new AbortController();
      await Promise.race([
        ended,
        sleep(ms, undefined, { signal: waited.signal, ref: false }).catch(() => {}),
      ]);
      waited.abort();
      return run;
    },
    stop: () => stopping.abort(),
    async close() {
      stopping.abort();
      await ended;
    },
  };
}
