import { count, duration, figure } from './words.ts';
import type { YardView } from './yard-watch.ts';

/** Something an operator should know of. */
export interface Trouble {
  readonly level: 'bad' | 'warn';
  /** The queue's name, or `Redis`. */
  readonly about: string;
  readonly words: string;
}

const MINUTE = 60_000;
const LONG_WAIT = { warn: MINUTE, bad: 10 * MINUTE };
const FULL = 0.85;

/** What is wrong, the worst first; nothing when all is well. */
export function troublesOf({ queues, redis, otherShards }: YardView): Trouble[] {
  const found: Trouble[] = [];
  const add = (level: Trouble['level'], about: string, words: string) => found.push({ level, about, words });
  if (queues === null)
    add('bad', 'Redis', 'does not answer; deliveries lie in the spool of the ingress until it is back');
  if (otherShards !== null) {
    const spread = `the queues are spread over ${count(otherShards, 'shard')}, and SHARDS says otherwise here`;
    add('bad', 'Redis', `${spread}: what you see is not all`);
  }
  for (const node of redis) {
    if (!node.up && queues !== null) add('bad', 'Redis', `${node.node} does not answer`);
    if (node.aofEnabled === false)
      add('warn', 'Redis', `${node.node} keeps no append-only file: a restart loses jobs`);
    if (node.aofLastWriteOk === false)
      add('bad', 'Redis', `${node.node} could not write its append-only file`);
    if ((node.evictedKeys ?? 0) > 0)
      add(
        'bad',
        'Redis',
        `${node.node} threw away ${count(node.evictedKeys ?? 0, 'key')} for want of memory`,
      );
    const { memoryUsedBytes: used, memoryMaxBytes: most } = node;
    if (used !== null && most !== null && most > 0 && used > most * FULL) {
      add(
        used > most * 0.95 ? 'bad' : 'warn',
        'Redis',
        `${node.node} has used ${figure(Math.round((100 * used) / most))} % of its memory`,
      );
    }
  }
  for (const [name, view] of Object.entries(queues ?? {})) {
    const undone = view.waiting + view.delayed + view.active;
    const wait = view.oldestWaitingMs ?? 0;
    if (view.workers === 0 && undone > 0)
      add('bad', name, `${count(undone, 'job waits', 'jobs wait')} and no worker is connected`);
    if (view.breaker !== null) add('warn', name, `holds: its target is away (${view.breaker})`);
    if (view.paused) add('warn', name, 'is paused');
    if (wait > LONG_WAIT.bad) add('bad', name, `its oldest job has waited ${duration(wait)}`);
    else if (wait > LONG_WAIT.warn) add('warn', name, `its oldest job has waited ${duration(wait)}`);
    if (view.dead > 0) add('warn', name, `${count(view.dead, 'job is', 'jobs are')} dead`);
  }
  return found.toSorted((a, b) => Number(a.level === 'warn') - Number(b.level === 'warn'));
}
