import type { PlanFault } from '@switchyard/jobs';
import type { Logger, Metrics } from '@switchyard/telemetry';

const EVERY_MS = 10_000;

/**
 * Counts the faults of a user's own functions, and tells of them in a line every ten seconds and function. The
 * error's message may quote the customer, so only its name and place are told; the job that dies of it has more.
 */
export function createPlanFaults(log: Logger, metrics: Metrics, now: () => number = Date.now) {
  const faults = metrics.counter(
    'plan_faults_total',
    'Events for which a function of a custom worker threw; planned all the same.',
    ['queue', 'part'],
  );
  const toldAt = new Map<string, number>();
  return ({ queue, part, error }: PlanFault): void => {
    faults.inc({ queue, part });
    const key = `${queue} ${part}`;
    if (now() - (toldAt.get(key) ?? Number.NEGATIVE_INFINITY) < EVERY_MS) return;
    toldAt.set(key, now());
    log.error(
      { queue, part, error: error instanceof Error ? error.name : 'no Error', at: placeOf(error) },
      `workers.${queue}.${part}: the function failed; the event is queued all the same`,
    );
  };
}

function placeOf(error: unknown): string | null {
  const stack = error instanceof Error ? error.stack : undefined;
  return (
    stack
      ?.split('\n')
      .find((line) => /^\s+at .*:\d+:\d+\)?$/.test(line))
      ?.trim() ?? null
  );
}
