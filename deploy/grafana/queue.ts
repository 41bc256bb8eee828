import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import { frame } from './frame.ts';
import { graph, stat, timeline } from './panels.ts';
import { choice } from './variables.ts';

const Q = 'queue="$queue"';
const count = (state: string) => `max(switchyard_jobs{${Q},state="${state}"})`;
const quantile = (q: number, name: string) =>
  `histogram_quantile(${q}, sum by (le) (rate(${name}_bucket{${Q}}[$__rate_interval])))`;

/** One queue in depth. */
export function queue(): Dashboard {
  return frame({
    uid: 'switchyard-queue',
    title: 'Queue',
    description: 'One queue in depth: what waits, how long it takes, what fails, who works.',
    variables: [choice('queue', 'Queue', 'switchyard_jobs', 'queue')],
    rows: [
      { title: 'Now', panels: now() },
      { title: 'Waiting', panels: waiting() },
      { title: 'Attempts', panels: attempts() },
      { title: 'Workers', panels: workers() },
    ],
  });
}

const now = () => [
  stat({
    title: 'Waiting',
    description: 'Accepted and not begun, those behind another job of their lane included.',
    unit: 'short',
    width: 3,
    expr: count('waiting'),
  }),
  stat({
    title: 'Active',
    description: 'Being worked on now.',
    unit: 'short',
    width: 3,
    expr: count('active'),
  }),
  stat({
    title: 'Delayed',
    description: 'Failed, and waiting for the next attempt. Their lanes wait with them.',
    unit: 'short',
    width: 3,
    expr: count('delayed'),
  }),
  stat({
    title: 'Dead',
    description: 'Until someone redrives or discards them.',
    unit: 'short',
    width: 3,
    expr: count('dead'),
    limits: { yellow: 1 },
  }),
  stat({
    title: 'Oldest unfinished',
    description: 'Age of the oldest job that is accepted and not ended.',
    unit: 's',
    width: 3,
    expr: `max(switchyard:oldest_waiting:seconds{${Q}})`,
  }),
  stat({
    title: 'Workers',
    description: 'Worker processes that Redis sees.',
    unit: 'short',
    width: 3,
    expr: `max(switchyard_workers{${Q}})`,
    limits: { red: 0, yellow: 1 },
    lowIsBad: true,
  }),
  stat({
    title: 'Breaker',
    description: 'Open: the queue holds because the system it writes to is away, fails or limits us.',
    unit: 'short',
    width: 3,
    expr: `max(switchyard_breaker_open{${Q}})`,
    words: { 0: { text: 'closed', color: 'green' }, 1: { text: 'open', color: 'red' } },
  }),
  stat({
    title: 'Paused',
    description: 'By an operator.',
    unit: 'short',
    width: 3,
    expr: `max(switchyard_queue_paused{${Q}})`,
    words: { 0: { text: 'no', color: 'green' }, 1: { text: 'paused', color: 'yellow' } },
  }),
];

const waiting = () => [
  graph({
    title: 'Jobs by state',
    description: 'waiting, active and delayed jobs. Dead and finished ones are left out.',
    unit: 'short',
    width: 8,
    stacked: true,
    queries: [[`max by (state) (switchyard_jobs{${Q},state=~"waiting|active|delayed"})`, '{{state}}']],
  }),
  graph({
    title: 'Oldest unfinished job',
    description: 'And the limits of OldestJobLate (warning) and OldestJobTooOld (critical).',
    unit: 's',
    width: 8,
    queries: [
      [`switchyard:oldest_waiting:seconds{${Q}}`, 'oldest'],
      [`switchyard:oldest_waiting_limit:seconds{${Q}}`, 'limit: {{limit}}'],
    ],
  }),
  graph({
    title: 'Lanes with work',
    description:
      'A lane is one conversation or contact, worked on one job at a time. More workers help only while there are more lanes than jobs at once.',
    unit: 'short',
    width: 8,
    queries: [[`max(switchyard_lanes{${Q}})`, 'lanes']],
  }),
  graph({
    title: 'Wait before the first attempt',
    description: 'From the acceptance of the delivery. What a customer waits before anything happens.',
    unit: 's',
    width: 8,
    queries: [
      [quantile(0.5, 'switchyard_job_wait_seconds'), 'half'],
      [quantile(0.95, 'switchyard_job_wait_seconds'), '95 %'],
      [quantile(0.99, 'switchyard_job_wait_seconds'), '99 %'],
    ],
    empty: 'no jobs',
  }),
  graph({
    title: 'Duration of an attempt',
    description: 'Mostly the calls to outside systems; see Overview for those.',
    unit: 's',
    width: 8,
    queries: [
      [quantile(0.5, 'switchyard_job_run_seconds'), 'half'],
      [quantile(0.95, 'switchyard_job_run_seconds'), '95 %'],
      [quantile(0.99, 'switchyard_job_run_seconds'), '99 %'],
    ],
    empty: 'no jobs',
  }),
  timeline({
    title: 'Breaker',
    description: 'Open: the queue holds because the system it writes to is away, fails or limits us.',
    unit: 'short',
    width: 8,
    queries: [[`max(switchyard_breaker_open{${Q}})`, 'breaker']],
    words: { 0: { text: 'closed', color: 'green' }, 1: { text: 'open', color: 'red' } },
  }),
];

const attempts = () => [
  graph({
    title: 'Attempts by result',
    description:
      'done, retry, dead; handed-back: the process stopped; lock-lost: the process was away for too long and another took the job.',
    unit: 'ops',
    width: 8,
    queries: [[`sum by (result) (rate(switchyard_jobs_total{${Q}}[$__rate_interval]))`, '{{result}}']],
  }),
  graph({
    title: 'Retries by reason',
    description:
      'rate-limited, outage, refused: the breaker opens. unknown-outcome: no answer came, the step is confirmed first. transient: again later. unexpected: a fault of ours.',
    unit: 'ops',
    width: 8,
    queries: [[`sum by (reason) (rate(switchyard_retries_total{${Q}}[$__rate_interval]))`, '{{reason}}']],
  }),
  graph({
    title: 'Decisions',
    description: 'What was decided, and why: the action and the reason or the name of the rule. Per minute.',
    unit: 'short',
    width: 8,
    queries: [
      [
        `sum by (action, reason) (rate(switchyard_decisions_total{${Q}}[$__rate_interval])) * 60`,
        '{{action}} ({{reason}})',
      ],
    ],
    empty: 'no jobs',
  }),
  graph({
    title: 'Deaths by reason',
    description:
      'permanent: asking again can not help. gave-up: older than the queue keeps trying. unexpected: a fault of ours, five times.',
    unit: 'short',
    width: 8,
    queries: [
      [`sum by (reason) (increase(switchyard_dead_jobs_total{${Q}}[$__rate_interval]))`, '{{reason}}'],
      [
        `sum(increase(switchyard_dead_jobs_expired_total{${Q}}[$__rate_interval]))`,
        'discarded after 30 days',
      ],
    ],
  }),
  graph({
    title: 'Dead jobs',
    description: 'How many there are.',
    unit: 'short',
    width: 8,
    queries: [[count('dead'), 'dead']],
  }),
  graph({
    title: 'Age of the oldest dead job',
    description: 'Dead jobs are discarded after 30 days; DeadJobsExpireSoon warns at 25.',
    unit: 's',
    width: 8,
    limits: { yellow: 25 * 86_400, red: 30 * 86_400 },
    queries: [[`max(switchyard_oldest_dead_seconds{${Q}})`, 'oldest dead']],
  }),
];

const workers = () => [
  graph({
    title: 'Throughput per worker',
    description: 'Jobs done, one line a process. One that falls behind the others is slow or stuck.',
    unit: 'ops',
    width: 8,
    queries: [
      [
        `sum by (instance) (rate(switchyard_jobs_total{${Q},result="done"}[$__rate_interval]))`,
        '{{instance}}',
      ],
    ],
  }),
  graph({
    title: 'Jobs in hand, per worker',
    description:
      'At most its concurrency. All at their most with jobs waiting: add workers, or look at what is slow.',
    unit: 'short',
    width: 8,
    queries: [[`sum by (instance) (switchyard_active_jobs{${Q}})`, '{{instance}}']],
  }),
  graph({
    title: 'Stalls and repairs',
    description:
      'stalled: a worker died or hung over a job. replaced: a worker that consumed nothing gave way to another. freed lanes: their job was removed by hand or unreadable.',
    unit: 'short',
    width: 8,
    queries: [
      [`sum(increase(switchyard_stalled_jobs_total{${Q}}[$__rate_interval]))`, 'stalled jobs'],
      [`sum(increase(switchyard_replaced_workers_total{${Q}}[$__rate_interval]))`, 'replaced workers'],
      [`sum(increase(switchyard_freed_lanes_total{${Q}}[$__rate_interval]))`, 'freed lanes'],
    ],
  }),
];
