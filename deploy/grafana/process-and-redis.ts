import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import { frame } from './frame.ts';
import { graph, stat, table, timeline } from './panels.ts';
import { choice } from './variables.ts';

const J = 'job=~"$job"';
const WHO = '{{job}} {{instance}}';

/** What the processes and Redis use, and whether they are well. */
export function processAndRedis(): Dashboard {
  return frame({
    uid: 'switchyard-process-and-redis',
    title: 'Process and Redis',
    description: 'Event loop, memory and CPU of the processes; memory, persistence and latency of Redis.',
    variables: [
      choice('job', 'App', 'switchyard_build_info', 'job').multi(true).includeAll(true).allValue('.+'),
    ],
    rows: [
      { title: 'Processes', panels: processes() },
      { title: 'Redis', panels: redis() },
    ],
  });
}

const processes = () => [
  timeline({
    title: 'Up',
    description: 'Whether Prometheus could read the metrics of each process.',
    unit: 'short',
    width: 12,
    queries: [[`up{${J}}`, WHO]],
    words: { 0: { text: 'down', color: 'red' }, 1: { text: 'up', color: 'green' } },
  }),
  table({
    title: 'What runs',
    description: 'App, version and Node of each process.',
    unit: 'short',
    width: 12,
    expr: `switchyard_build_info{${J}}`,
    columns: { app: 'app', instance: 'instance', version: 'version', node: 'Node' },
  }),
  graph({
    title: 'Event loop lag, 99 %',
    description:
      'How late a timer comes. Above ingress.lagMs (1.5 s) the ingress turns requests away; steadily above 0.1 s a process has too much to do.',
    unit: 's',
    width: 8,
    limits: { yellow: 0.1, red: 1.5 },
    queries: [[`switchyard_nodejs_eventloop_lag_p99_seconds{${J}}`, WHO]],
  }),
  graph({
    title: 'CPU',
    description:
      'Cores in use. A Node process does its work on one: near 1 it is at its limit, add a replica.',
    unit: 'short',
    width: 8,
    limits: { yellow: 0.8, red: 1 },
    queries: [[`rate(switchyard_process_cpu_seconds_total{${J}}[$__rate_interval])`, WHO]],
  }),
  graph({
    title: 'Memory (RSS)',
    description: "All memory of the process; the container's limit is compared with this.",
    unit: 'bytes',
    width: 8,
    queries: [[`switchyard_process_resident_memory_bytes{${J}}`, WHO]],
  }),
  graph({
    title: 'Heap in use',
    description: 'JavaScript objects. A line that only ever climbs is a leak.',
    unit: 'bytes',
    width: 8,
    queries: [[`switchyard_nodejs_heap_size_used_bytes{${J}}`, WHO]],
  }),
  graph({
    title: 'Garbage collection',
    description: 'Share of time spent in it, by kind. Steadily above 10 %: too little memory.',
    unit: 'percentunit',
    width: 8,
    queries: [
      [
        `sum by (job, instance, kind) (rate(switchyard_nodejs_gc_duration_seconds_sum{${J}}[$__rate_interval]))`,
        `${WHO} {{kind}}`,
      ],
    ],
  }),
  graph({
    title: 'Starts, 1 h',
    description:
      'How often each process started anew within an hour. Three within a quarter of an hour is ProcessRestarting.',
    unit: 'short',
    width: 8,
    queries: [[`changes(switchyard_process_start_time_seconds{${J}}[1h])`, WHO]],
  }),
  graph({
    title: 'Open files and connections',
    description: 'Share of the limit of open file descriptors.',
    unit: 'percentunit',
    width: 8,
    limits: { yellow: 0.7, red: 0.9 },
    queries: [[`switchyard_process_open_fds{${J}} / switchyard_process_max_fds{${J}}`, WHO]],
  }),
];

const redis = () => [
  stat({
    title: 'Redis',
    description: 'The worst of the primaries, as the console sees them.',
    unit: 'short',
    width: 4,
    expr: 'min(switchyard_redis_up)',
    words: { 0: { text: 'away', color: 'red' }, 1: { text: 'answers', color: 'green' } },
  }),
  stat({
    title: 'Append-only file',
    description: 'Without one, a restart of Redis loses acknowledged deliveries.',
    unit: 'short',
    width: 4,
    expr: 'min(switchyard_redis_aof_enabled)',
    words: { 0: { text: 'off', color: 'red' }, 1: { text: 'on', color: 'green' } },
  }),
  stat({
    title: 'Last write to it',
    description: 'When it fails Redis refuses writes: most likely its disk is full.',
    unit: 'short',
    width: 4,
    expr: 'min(switchyard_redis_aof_last_write_ok)',
    words: { 0: { text: 'failed', color: 'red' }, 1: { text: 'ok', color: 'green' } },
  }),
  stat({
    title: 'Unsafe settings',
    description: 'How many of appendonly, appendfsync and maxmemory-policy may lose acknowledged deliveries.',
    unit: 'short',
    width: 4,
    expr: 'sum(max by (setting) (switchyard_redis_unsafe))',
    limits: { red: 1 },
  }),
  stat({
    title: 'Evicted keys',
    description:
      'Keys that Redis threw away for want of memory since it was started. Anything but 0 is a loss.',
    unit: 'short',
    width: 4,
    expr: 'sum(switchyard_redis_evicted_keys_total)',
    limits: { red: 1 },
  }),
  stat({
    title: 'Memory limit',
    description: 'maxmemory; 0 is none, and then the machine or the container is the limit.',
    unit: 'bytes',
    width: 4,
    expr: 'min(switchyard_redis_memory_max_bytes)',
  }),
  graph({
    title: 'Memory',
    description: 'In use, by node, and its limit where one is set. At the limit Redis refuses writes.',
    unit: 'bytes',
    width: 8,
    queries: [
      ['switchyard_redis_memory_used_bytes', '{{node}}'],
      ['switchyard_redis_memory_max_bytes > 0', 'limit of {{node}}'],
    ],
  }),
  graph({
    title: 'PING',
    description:
      'How long the last one took, as the console saw it. A slow Redis makes slow answers to Chatwoot.',
    unit: 's',
    width: 8,
    limits: { yellow: 0.05, red: 0.5 },
    queries: [['switchyard_redis_ping_seconds', '{{node}}']],
  }),
  graph({
    title: 'Connections',
    description: 'Of all processes together. A line that only ever climbs is a leak.',
    unit: 'short',
    width: 8,
    queries: [['switchyard_redis_connected_clients', '{{node}}']],
  }),
];
