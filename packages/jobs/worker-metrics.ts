import type { Metrics } from '@switchyard/telemetry';

const WAIT_BUCKETS = [
  0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800, 3600, 21600,
];
const RUN_BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

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

function makeWorkerMetrics(metrics: Metrics) {
  return {
    jobs: metrics.counter('jobs_total', 'Attempts of jobs that ended, by how.', ['queue', 'result']),
    decisions: metrics.counter('decisions_total', 'What was decided, and why.', [
      'queue',
      'action',
      'reason',
    ]),
    wait: metrics.histogram(
      'job_wait_seconds',
      'From the acceptance of a delivery to the first attempt of its job.',
      ['queue'],
      WAIT_BUCKETS,
    ),
    run: metrics.histogram('job_run_seconds', 'One attempt of a job.', ['queue'], RUN_BUCKETS),
    retries: metrics.counter('retries_total', 'Attempts that will be tried again, by class of failure.', [
      'queue',
      'reason',
    ]),
    dead: metrics.counter('dead_jobs_total', 'Jobs that died, by reason.', ['queue', 'reason']),
    expired: metrics.counter('dead_jobs_expired_total', 'Dead jobs discarded because their time was up.', [
      'queue',
    ]),
    stalled: metrics.counter('stalled_jobs_total', 'Jobs whose worker stopped renewing its lock.', ['queue']),
    replaced: metrics.counter(
      'replaced_workers_total',
      'Times that another worker took the place of one that consumed nothing while work waited.',
      ['queue'],
    ),
    freedLanes: metrics.counter('freed_lanes_total', 'Lanes freed because their job was gone.', ['queue']),
    breaker: metrics.gauge('breaker_open', '1 while the queue holds because its target is away.', ['queue']),
    active: metrics.gauge('active_jobs', 'Jobs this process is working on.', ['queue']),
  };
}
