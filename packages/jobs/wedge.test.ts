import { expect, test } from 'vitest';
import { type WorkerPulse, wedged } from './wedge.ts';

const well: WorkerPulse = {
  now: 100_000,
  startable: 0,
  active: 0,
  lastMovedAt: 0,
  held: false,
  stopping: false,
};

test.each<[string, Partial<WorkerPulse>, boolean]>([
  ['nothing to do', {}, false],
  ['work waits, nothing starts', { startable: 3 }, true],
  ['it started something lately', { startable: 3, lastMovedAt: 50_000 }, false],
  ['just at the limit', { startable: 3, lastMovedAt: 40_000 }, true],
  ['busy with a long job', { startable: 3, active: 1 }, false],
  ['held by the breaker or paused', { startable: 3, held: true }, false],
  ['stopping', { startable: 3, stopping: true }, false],
])('%s', (_title, over, expected) => {
  expect(wedged({ ...well, ...over }) !== null).toBe(expected);
});
