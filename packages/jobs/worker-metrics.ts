import { createBoundedLabel, type Metrics } from '@switchyard/telemetry';
import { withoutAccountMetric } from './accounts/name-account.ts';
import { HOLD_REASONS, type HoldReason } from './hold-reason.ts';
import type { FailureClass } from './retry.ts';
import type { Hands } from './wedge.ts';

const WAIT_BUCKETS = [
  0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800, 3600, 21600,
];
const RUN_BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

const RESULTS = ['done', 'retry', 'dead', 'handed-back', 'lock-lost'];
const RETRY_REASONS: readonly FailureClass[] = [
  'rate-limited',
  'outage',
  'refused',
  'unknown-outcome',
  'transient',
  'unexpected',
];
const DEATHS = ['permanent', 'gave-up', 'unexpected'];

export type WorkerMetrics = ReturnType<typeof makeWorkerMetrics>;

const MADE = new WeakMap<object, WorkerMetrics>();

/** The metrics of a worker process: one set, however many queues it works on. */
export function createWorkerMetrics(metrics: Metrics): WorkerMetrics {
  const known = MADE.get(metrics);
  if (known !== undefined) return known;
  const made = makeWorkerMetrics(metrics);
  MADE.set(metrics, made);
  return made;
}

/** Shows a queue's counters at 0: an alert on a counter needs it to be there before the first time. */
export function showQueue(measured: WorkerMetrics, queue: string): void {
  for (const result of RESULTS) measured.jobs.inc({ queue, result }, 0);
  for (const reason of RETRY_REASONS) measured.retries.inc({ queue, reason }, 0);
  for (const reason of HOLD_REASONS) measured.holds.inc({ queue, reason }, 0);
  for (const reason of DEATHS) measured.dead.inc({ queue, reason }, 0);
  const { expired, stalled, replaced, freedLanes, wait, run } = measured;
  for (const counter of [expired, stalled, replaced, freedLanes]) counter.inc({ queue }, 0);
  for (const histogram of [wait, run]) histogram.zero({ queue });
}

function makeWorkerMetrics(metrics: Metrics) {
  const decisions = metrics.counter(
    'decisions_total',
    "What was decided, and why. Actions and reasons are the apps' own words and the names of rules in the config.",
    ['queue', 'action', 'reason'],
  );
  const holds = metrics.counter(
    'holds_total',
    'Failed attempts that made their queue hold, or hold on, by what holds it: refused-token, account-suspended, ' +
      'plan-gate, refused (another refusal), away, rate-limited, no-answer.',
    ['queue', 'reason'],
  );
  const withoutAccount = withoutAccountMetric(metrics);
  const shown: { readonly queue: string; readonly hands: Hands }[] = [];
  metrics.gauge('active_jobs', 'Jobs this process is working on.', ['queue'], (gauge) => {
    gauge.reset();
    for (const { queue, hands } of shown) gauge.inc({ queue }, hands.active);
    return Promise.resolve();
  });
  // A custom worker's come from a function of its user.
  const actionLabel = createBoundedLabel();
  const reasonLabel = createBoundedLabel();
  return {
    jobs: metrics.counter(
      'jobs_total',
      'Attempts of jobs that ended, by how: done, retry, dead, handed-back (the process stops), lock-lost.',
      ['queue', 'result'],
    ),
    decisions: {
      inc: ({ queue, action, reason }: { queue: string; action: string; reason: string }) =>
        decisions.inc({ queue, action: actionLabel(action), reason: reasonLabel(reason) }),
    },
    wait: metrics.histogram(
      'job_wait_seconds',
      'From the acceptance of a delivery to the first attempt of its job.',
      ['queue'],
      WAIT_BUCKETS,
    ),
    run: metrics.histogram(
      'job_run_seconds',
      'One attempt of a job, from its start to its end.',
      ['queue'],
      RUN_BUCKETS,
    ),
    retries: metrics.counter(
      'retries_total',
      'Failed attempts that will be made again, by class of failure.',
      ['queue', 'reason'],
    ),
    holds: {
      inc: (labels: { queue: string; reason: HoldReason }, by?: number) => holds.inc(labels, by),
    },
    dead: metrics.counter(
      'dead_jobs_total',
      'Jobs that died: permanent, gave-up (too old), unexpected (a fault of ours).',
      ['queue', 'reason'],
    ),
    expired: metrics.counter(
      'dead_jobs_expired_total',
      'Dead jobs discarded because they were dead for as long as they are kept.',
      ['queue'],
    ),
    stalled: metrics.counter('stalled_jobs_total', 'Jobs whose worker stopped renewing its lock.', ['queue']),
    replaced: metrics.counter(
      'replaced_workers_total',
      'Times that another worker took the place of one that consumed nothing while work waited.',
      ['queue'],
    ),
    freedLanes: metrics.counter('freed_lanes_total', 'Lanes freed because their job was gone.', ['queue']),
    countWithoutAccount: (source: string, result: string, times = 1) =>
      withoutAccount.inc({ source, result }, times),
    /** Shows from now on what these hands of a queue have in them; each of its shards has its own. */
    showHands: (queue: string, hands: Hands) => void shown.push({ queue, hands }),
  };
}
