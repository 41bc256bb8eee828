import { setTimeout as sleep } from 'node:timers/promises';
import { createLease, type Holding, type RedisConnection } from '@switchyard/jobs';
import type { Running, Runtime } from '@switchyard/telemetry';
import { SET_ASIDE, type SetAside } from './set-aside.ts';

/** Something that one healer does again and again while it is the active one. */
export interface Duty {
  /** A bounded label: `owed`, `switched-off`. */
  readonly name: string;
  /** What its rounds may find: bounded labels. */
  readonly causes: readonly string[];
  /** The pause between two rounds. */
  readonly everyMs: number;
  /** One round. Its effects are deduplicated, so a round that is cut short is made up for by the next. */
  round(signal: AbortSignal): Promise<Round>;
}

interface Round {
  /** What was found and entered as work, by cause: bounded labels. */
  readonly found: Readonly<Record<string, number>>;
  /** What failed for itself alone, and is tried again by the next round. */
  readonly setAside: readonly SetAside[];
}

export interface DutiesParts {
  readonly redis: RedisConnection;
  readonly runtime: Pick<Runtime, 'log' | 'metrics' | 'health'>;
  /** This process and no other. */
  readonly owner: string;
  readonly duties: readonly Duty[];
}

/**
 * Does the duties while this process holds the healers' lease; until then it stands by, ready to. That two healers are
 * at it for a moment, after a long stop of a process, does no harm: what they enter is deduplicated.
 */
export function runDuties({ redis, runtime, owner, duties }: DutiesParts): Running {
  const { log, metrics, health } = runtime;
  const dependency = health.dependency('lease');
  const active = metrics.gauge(
    'healer_active',
    '1 in the healer that does the duties, 0 in those that stand by.',
  );
  const rounds = metrics.counter(
    'healer_rounds_total',
    'Rounds of the duties of the healer, by result: ok, failed, cut-short (the lease was lost).',
    ['duty', 'result'],
  );
  const found = metrics.counter(
    'healer_found_total',
    'What the healer found undone and entered as work, by its cause. What it finds again counts once.',
    ['duty', 'cause'],
  );
  const setAside = metrics.counter(
    'healer_set_aside_total',
    'What a round of the healer could not do and went on without (a job, an inbox, an account); the next tries again.',
    ['duty', 'what'],
  );
  for (const { name } of duties) for (const what of SET_ASIDE) setAside.inc({ duty: name, what }, 0);
  for (const { name } of duties)
    for (const result of ['ok', 'failed', 'cut-short']) rounds.inc({ duty: name, result }, 0);
  for (const { name, causes } of duties) for (const cause of causes) found.inc({ duty: name, cause }, 0);
  active.set(0);
  const going = new Set<Promise<unknown>>();
  let last: Holding | null = null;

  const lease = createLease({
    redis,
    name: 'healer',
    owner,
    onChange({ holding, holder }) {
      active.set(holding === null ? 0 : 1);
      if (holding !== null) dependency.ready('active');
      else if (holder !== null) dependency.ready(`standing by; ${holder} is active`);
      else dependency.notReady('Redis does not say which healer is active');
      if (holding === null) {
        if (last !== null) log.warn('no longer the active healer');
        last = null;
        return;
      }
      if (last?.fence === holding.fence) return;
      last = holding;
      log.info({ fence: holding.fence }, 'this is the active healer');
      for (const duty of duties) begin(duty, holding);
    },
  });

  function begin(duty: Duty, holding: Holding): void {
    const ended = repeat(duty, holding.signal);
    going.add(ended);
    void ended.finally(() => going.delete(ended));
  }

  async function repeat(duty: Duty, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await once(duty, signal);
      await sleep(duty.everyMs, null, { signal, ref: false }).catch(() => {});
    }
  }

  async function once(duty: Duty, signal: AbortSignal): Promise<void> {
    try {
      const round = await duty.round(signal);
      rounds.inc({ duty: duty.name, result: 'ok' });
      for (const [cause, count] of Object.entries(round.found)) {
        found.inc({ duty: duty.name, cause }, count);
        if (count > 0) log.warn({ duty: duty.name, cause, count }, 'found undone, and entered');
      }
      for (const { what, count, err } of round.setAside) {
        setAside.inc({ duty: duty.name, what }, count);
        log.warn({ err, duty: duty.name, what, count }, 'set aside; the next round tries again');
      }
    } catch (err) {
      const result = signal.aborted ? 'cut-short' : 'failed';
      rounds.inc({ duty: duty.name, result });
      if (result === 'failed') log.warn({ err, duty: duty.name }, 'a round failed; the next one looks again');
    }
  }

  return {
    async close() {
      await lease.close();
      await Promise.all(going);
    },
  };
}
