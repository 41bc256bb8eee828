import type { Metrics } from '@switchyard/telemetry';
import type { KeeperCount } from './keeper.ts';
import type { Spool } from './spool.ts';
import type { SetAside } from './spool-set-aside.ts';

export interface SpoolMetrics extends KeeperCount {
  setAside(reason: SetAside): void;
  /** Shows this spool's depth, size and age from now on. */
  show(spool: Spool): void;
}

export function createSpoolMetrics(metrics: Metrics): SpoolMetrics {
  const records = metrics.gauge('spool_records', 'Deliveries on disk that are not in Redis yet.');
  const bytes = metrics.gauge(
    'spool_bytes',
    'Size of the spool on disk, drained parts of its segments included.',
  );
  const maxBytes = metrics.gauge(
    'spool_max_bytes',
    'Size at which the spool is full and deliveries are refused.',
  );
  const oldest = metrics.gauge(
    'spool_oldest_seconds',
    'Age of the oldest delivery in the spool; 0 when empty.',
  );
  const appends = metrics.counter(
    'spool_appends_total',
    'Deliveries that went to the spool, by what became of them: ok, full or disk (refused with 500).',
    ['result'],
  );
  const drained = metrics.counter('spool_drained_total', 'Deliveries that went from the spool to Redis.');
  const setAside = metrics.counter(
    'spool_set_aside_total',
    'Parts of the spool that could not be drained and lie in files of their own beside it.',
    ['reason'],
  );
  // An alert on a counter needs it to be there before the first time.
  for (const result of ['ok', 'full', 'disk']) appends.inc({ result }, 0);
  for (const reason of ['torn', 'damaged', 'unreadable', 'rejected']) setAside.inc({ reason }, 0);

  return {
    appended: (result, deliveries) => appends.inc({ result }, deliveries),
    drained: (deliveries) => drained.inc(deliveries),
    setAside: (reason) => setAside.inc({ reason }),
    show(spool) {
      maxBytes.set(spool.maxBytes);
      // Read when someone asks, and so never out of date.
      Object.assign(records, { collect: () => records.set(spool.depth) });
      Object.assign(bytes, { collect: () => bytes.set(spool.bytes) });
      Object.assign(oldest, {
        collect: () =>
          oldest.set(spool.oldestAt === null ? 0 : Math.max(0, Date.now() - spool.oldestAt) / 1000),
      });
    },
  };
}
