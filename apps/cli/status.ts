import { createQueueMonitor, readRedisHealth } from '@switchyard/jobs';
import type { CommandContext } from './context.ts';
import { durationText } from './durations.ts';
import { EXIT, type ExitCode } from './exit.ts';
import { readSpool } from './ingress-admin.ts';
import { type OpenLine, withLine } from './open-line.ts';
import { printable } from './printable.ts';
import { type LineStatus, needsSomebody } from './status-judgement.ts';
import type { Terminal } from './terminal.ts';

export interface StatusOptions {
  readonly quiet?: boolean | undefined;
  readonly slow: number;
  readonly admin?: string | undefined;
}

const REDIS_LIMIT_MS = 3_000;

export async function status(
  options: StatusOptions,
  { terminal, signal }: CommandContext,
): Promise<ExitCode> {
  return withLine(async (line) => {
    const found = await look(line, options, signal);
    const wrong = needsSomebody(found, options.slow);
    terminal.result(asJson(found, wrong), () => {
      if (!options.quiet) tell(found, terminal);
      if (wrong.length === 0 && !options.quiet) terminal.line(terminal.colors.green('✓ nothing needs you'));
      for (const one of wrong) terminal.line(`${terminal.colors.red('✗')} ${printable(one)}`);
    });
    return wrong.length === 0 ? EXIT.ok : EXIT.problem;
  });
}

async function look(
  { redis, config }: OpenLine,
  { admin }: StatusOptions,
  signal: AbortSignal,
): Promise<LineStatus> {
  const monitor = createQueueMonitor({ redis, shards: config.shards, custom: Object.keys(config.workers) });
  try {
    const [queues, workers, nodes, spool] = await Promise.all([
      monitor.counts(),
      monitor.workers(),
      readRedisHealth(redis, { url: config.redisUrl, limitMs: REDIS_LIMIT_MS }),
      admin === undefined ? null : readSpool(admin, signal),
    ]);
    return { queues, workers, used: config.queues, redis: nodes, spool };
  } finally {
    await monitor.close();
  }
}

/** docs/cli.md has this shape. Ages are milliseconds. */
function asJson({ queues, workers, redis, spool }: LineStatus, wrong: readonly string[]): unknown {
  return {
    ok: wrong.length === 0,
    needsSomebody: wrong,
    queues: Object.fromEntries(
      Object.entries(queues).map(([name, queue]) => [name, { ...queue, workers: workers?.[name] ?? null }]),
    ),
    redis,
    spool,
  };
}

function tell({ queues, workers, redis, spool }: LineStatus, terminal: Terminal): void {
  const { red, yellow, dim, bold } = terminal.colors;
  const age = (ms: number | null) => (ms === null ? '–' : durationText(ms));
  const count = (figure: number) => (figure === 0 ? '–' : String(figure));
  terminal.table(
    [
      { head: 'QUEUE', cell: ([name]) => name, paint: bold },
      {
        head: 'WORKERS',
        cell: ([name]) => (workers === null ? '?' : count(workers[name] ?? 0)),
        align: 'right',
      },
      { head: 'ACTIVE', cell: ([, { active }]) => count(active), align: 'right', dispensable: 2 },
      { head: 'WAITING', cell: ([, { waiting }]) => count(waiting), align: 'right' },
      { head: 'RETRYING', cell: ([, { delayed }]) => count(delayed), align: 'right', dispensable: 1 },
      { head: 'OLDEST', cell: ([, { oldestWaitingMs }]) => age(oldestWaitingMs), align: 'right' },
      {
        head: 'DEAD',
        cell: ([, { dead }]) => count(dead),
        align: 'right',
        paint: (text) => (text.includes('–') ? text : red(text)),
      },
      {
        head: 'DONE/MIN',
        cell: ([, { doneLastMinute }]) => count(doneLastMinute),
        align: 'right',
        dispensable: 3,
      },
      {
        head: 'STATE',
        cell: ([, { paused, breaker }]) => (paused ? 'paused' : breaker === null ? 'open' : 'held back'),
        paint: (text, [, { paused, breaker }]) => (paused || breaker !== null ? yellow(text) : text),
      },
    ],
    Object.entries(queues),
  );
  terminal.line();
  for (const node of redis) {
    const memory =
      node.memoryUsedBytes === null ? '' : `, ${Math.round(node.memoryUsedBytes / 1_048_576)} MiB used`;
    const ping = node.pingMs === null ? '' : `, answers in ${durationText(node.pingMs)}`;
    terminal.line(
      dim(`Redis ${node.node}: ${node.up ? `${node.version ?? 'up'}${memory}${ping}` : 'does not answer'}`),
    );
  }
  if (spool !== null)
    terminal.line(dim(`spool: ${spool.records === 0 ? 'empty' : `${spool.records} deliveries`}`));
  terminal.line();
}
