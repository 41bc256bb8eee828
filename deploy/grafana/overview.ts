import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import { frame } from './frame.ts';
import { graph, stat, timeline } from './panels.ts';

/** Answers to valid deliveries; the rest of `switchyard_ack_seconds` are refusals. */
const VALID = 'result=~"accepted|duplicate|ignored|spooled|failed"';
const ackQuantile = (q: number) =>
  `histogram_quantile(${q}, sum by (le) (rate(switchyard_ack_seconds_bucket{${VALID}}[$__rate_interval])))`;

/** Is the promise kept? What comes in, what waits, what goes out. */
export function overview(): Dashboard {
  return frame({
    uid: 'switchyard-overview',
    title: 'Overview',
    description: 'Is the promise kept: acknowledged in time, worked on in time, nothing lost.',
    variables: [],
    rows: [
      { title: 'Is the promise kept?', panels: promise() },
      { title: 'Acknowledgement', panels: acknowledgement() },
      { title: 'Spool', panels: spool() },
      { title: 'Work', panels: work() },
      { title: 'Outside systems', panels: outside() },
    ],
  });
}

const promise = () => [
  stat({
    title: 'Answered well, 30 days',
    description:
      'Share of valid deliveries answered 200 within a second. The goal is 99.9 % over 30 days (docs/operations.md, The SLO).',
    unit: 'percentunit',
    width: 3,
    expr: '1 - switchyard:ack_bad:ratio30d',
    limits: { red: 0.999, yellow: 0.9995 },
    lowIsBad: true,
    empty: 'no deliveries',
  }),
  stat({
    title: 'Error budget left',
    description:
      'Of the 0.1 % of deliveries that may be answered badly in 30 days. Below 0 the goal is missed.',
    unit: 'percentunit',
    width: 3,
    expr: '1 - switchyard:ack_bad:ratio30d / 0.001',
    limits: { red: 0, yellow: 0.5 },
    lowIsBad: true,
    empty: 'no deliveries',
  }),
  stat({
    title: 'Lost, 24 h',
    description:
      'Deliveries answered 500, and requests turned away because the ingress was too busy. Chatwoot does not send them again. Anything but 0 is a broken promise.',
    unit: 'short',
    width: 3,
    expr: 'sum(increase(switchyard_ack_seconds_count{result="failed"}[24h])) + sum(increase(switchyard_rejects_total{reason=~"error|overload"}[24h]))',
    limits: { red: 0.5 },
  }),
  stat({
    title: 'Time to the answer, p99',
    description: 'Of the last five minutes. Chatwoot hangs up after five seconds; the goal is one.',
    unit: 's',
    width: 3,
    expr: `histogram_quantile(0.99, sum by (le) (rate(switchyard_ack_seconds_bucket{${VALID}}[5m])))`,
    limits: { yellow: 1, red: 5 },
    empty: 'no deliveries',
  }),
  stat({
    title: 'Oldest unfinished job',
    description: 'Over all queues. What is normal differs by queue: see below.',
    unit: 's',
    width: 3,
    expr: 'max(switchyard:oldest_waiting:seconds)',
    limits: { yellow: 60, red: 300 },
    empty: 'no queues seen',
  }),
  stat({
    title: 'Dead jobs',
    description: 'They stay until someone redrives or discards them, for 30 days at most.',
    unit: 'short',
    width: 3,
    expr: 'sum(max by (queue) (switchyard_jobs{state="dead"}))',
    limits: { yellow: 1 },
    empty: 'no queues seen',
  }),
  stat({
    title: 'In the spool',
    description: 'Acknowledged deliveries that are on disk and not in Redis yet.',
    unit: 'short',
    width: 3,
    expr: 'sum(switchyard_spool_records)',
    limits: { yellow: 1 },
    empty: 'no ingress',
  }),
  stat({
    title: 'Alerts firing',
    description: 'Their runbooks are in docs/operations.md.',
    unit: 'short',
    width: 3,
    expr: 'count(ALERTS{alertstate="firing"}) or vector(0)',
    limits: { red: 1 },
  }),
];

const acknowledgement = () => [
  graph({
    title: 'Deliveries by result',
    description:
      'Verified deliveries. accepted: in Redis. duplicate: known already. ignored: no queue wants it. spooled: on disk, Redis is away. failed: lost.',
    unit: 'reqps',
    width: 8,
    stacked: true,
    queries: [['sum by (result) (rate(switchyard_deliveries_total[$__rate_interval]))', '{{result}}']],
  }),
  graph({
    title: 'Time to the answer',
    description:
      "From the last byte of a delivery to its answer. Dashed: the goal of 1 s, and Chatwoot's limit of 5 s.",
    unit: 's',
    width: 8,
    limits: { yellow: 1, red: 5 },
    queries: [
      [ackQuantile(0.5), 'half'],
      [ackQuantile(0.95), '95 %'],
      [ackQuantile(0.99), '99 %'],
    ],
  }),
  graph({
    title: 'Error budget burn',
    description:
      'How many times faster than allowed the error budget is used. 1 uses exactly a month’s budget in a month; 6 and 14.4 are where AckBudgetBurnFast wakes someone.',
    unit: 'short',
    width: 8,
    limits: { yellow: 1, red: 14.4 },
    queries: [
      ['switchyard:ack_bad:ratio1h / 0.001', 'over 1 h'],
      ['switchyard:ack_bad:ratio6h / 0.001', 'over 6 h'],
      ['switchyard:ack_bad:ratio3d / 0.001', 'over 3 d'],
    ],
    empty: 'no deliveries',
  }),
  graph({
    title: 'Requests refused, by reason',
    description:
      'bad-signature and stale-timestamp: a stranger, a wrong secret or a wrong clock. overload: the ingress is too busy, the delivery is lost.',
    unit: 'reqps',
    width: 8,
    queries: [['sum by (reason) (rate(switchyard_rejects_total[$__rate_interval])) > 0', '{{reason}}']],
    empty: 'none',
  }),
  graph({
    title: 'Duplicates, by what told them',
    description:
      'delivery: the same delivery again. semantic: the same event under another delivery id. replay: the same signature. All normal; none takes effect twice.',
    unit: 'reqps',
    width: 8,
    queries: [['sum by (level) (rate(switchyard_duplicates_total[$__rate_interval]))', '{{level}}']],
  }),
  graph({
    title: 'Deliveries by event',
    description: 'What Chatwoot sends. A kind that vanishes was unsubscribed, or a webhook was removed.',
    unit: 'reqps',
    width: 8,
    stacked: true,
    queries: [['sum by (event) (rate(switchyard_deliveries_total[$__rate_interval]))', '{{event}}']],
  }),
];

const spool = () => [
  graph({
    title: 'Deliveries in the spool',
    description: 'One line an ingress. 0 while all is well.',
    unit: 'short',
    width: 8,
    queries: [['switchyard_spool_records', '{{instance}}']],
  }),
  graph({
    title: 'Share of the spool in use',
    description: 'When it is full, deliveries are answered 500 and lost.',
    unit: 'percentunit',
    width: 8,
    max: 1,
    limits: { yellow: 0.5, red: 0.8 },
    queries: [['switchyard_spool_bytes / switchyard_spool_max_bytes', '{{instance}}']],
  }),
  graph({
    title: 'Into the spool, out of it, set aside',
    description:
      'ok: written to disk. full, disk: refused, the delivery is lost. drained: handed to Redis. damaged, unreadable, rejected: lies in a file of its own for you to look at.',
    unit: 'short',
    width: 8,
    queries: [
      ['sum by (result) (increase(switchyard_spool_appends_total[$__rate_interval]))', 'in: {{result}}'],
      ['sum(increase(switchyard_spool_drained_total[$__rate_interval]))', 'drained'],
      [
        'sum by (reason) (increase(switchyard_spool_set_aside_total[$__rate_interval]))',
        'set aside: {{reason}}',
      ],
    ],
  }),
];

const work = () => [
  graph({
    title: 'Oldest unfinished job, by queue',
    description:
      'Age of the oldest job that is accepted and not ended: the measure that customers feel. OldestJobLate and OldestJobTooOld have a limit for each queue.',
    unit: 's',
    width: 8,
    queries: [['switchyard:oldest_waiting:seconds', '{{queue}}']],
    empty: 'no queues seen',
  }),
  graph({
    title: 'Jobs that wait, by queue',
    description: 'Accepted and not begun, those behind another job of their lane included.',
    unit: 'short',
    width: 8,
    queries: [['max by (queue) (switchyard_jobs{state="waiting"})', '{{queue}}']],
    empty: 'no queues seen',
  }),
  graph({
    title: 'Jobs done, by queue',
    description: 'Falls to 0 while there is work: no worker, a paused queue or an open breaker.',
    unit: 'ops',
    width: 8,
    queries: [['sum by (queue) (rate(switchyard_jobs_total{result="done"}[$__rate_interval]))', '{{queue}}']],
  }),
  graph({
    title: 'Dead jobs, by queue',
    description:
      'What they should have done has not happened. Look at groups in the console, mend the cause, redrive.',
    unit: 'short',
    width: 8,
    queries: [['max by (queue) (switchyard_jobs{state="dead"})', '{{queue}}']],
    empty: 'no queues seen',
  }),
  timeline({
    title: 'Breakers',
    description: 'Open: the queue holds because the system it writes to is away, fails or limits us.',
    unit: 'short',
    width: 8,
    queries: [['max by (queue) (switchyard_breaker_open)', '{{queue}}']],
    words: { 0: { text: 'closed', color: 'green' }, 1: { text: 'open', color: 'red' } },
    empty: 'no queues seen',
  }),
  graph({
    title: 'Workers connected, by queue',
    description: 'Worker processes that Redis sees. 0 with waiting jobs is QueueWithoutWorker.',
    unit: 'short',
    width: 8,
    queries: [['max by (queue) (switchyard_workers)', '{{queue}}']],
    empty: 'no queues seen',
  }),
];

const outside = () => [
  graph({
    title: 'Calls by target and status',
    description:
      'Calls to Chatwoot, the CRM and your own targets. timeout and error: no answer came, and what the call did is unknown until it is confirmed.',
    unit: 'reqps',
    width: 8,
    queries: [
      [
        'sum by (target, status) (rate(switchyard_outbound_calls_total[$__rate_interval]))',
        '{{target}} {{status}}',
      ],
    ],
    empty: 'no calls',
  }),
  graph({
    title: 'Calls that failed, by target',
    description: 'Share of calls that were not answered 2xx.',
    unit: 'percentunit',
    width: 8,
    max: 1,
    queries: [
      [
        '1 - (sum by (target) (rate(switchyard_outbound_calls_total{status=~"2.."}[$__rate_interval])) / sum by (target) (rate(switchyard_outbound_calls_total[$__rate_interval])))',
        '{{target}}',
      ],
    ],
    empty: 'no calls',
  }),
  graph({
    title: 'Duration of calls, 95 %',
    description: 'One call, from connecting to the last byte of its answer.',
    unit: 's',
    width: 8,
    queries: [
      [
        'histogram_quantile(0.95, sum by (le, target) (rate(switchyard_outbound_call_seconds_bucket[$__rate_interval])))',
        '{{target}}',
      ],
    ],
    empty: 'no calls',
  }),
];
