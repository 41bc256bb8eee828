import { createLogger, createMetrics } from '@switchyard/telemetry';
import { expect, it, vi } from 'vitest';
import { createPlanFaults } from './plan-faults.ts';

it('counts every fault of a user’s function, and tells of it once in ten seconds without its message', async () => {
  const log = createLogger({ app: 'test', level: 'silent' });
  const told = vi.spyOn(log, 'error');
  const metrics = createMetrics({ app: 'test', version: '0' });
  let now = 0;
  const onFault = createPlanFaults(log, metrics, () => now);
  const fault = { queue: 'vip-alerts', part: 'events', error: new TypeError('mara@example.com') } as const;
  for (now of [0, 9_999, 10_000]) onFault(fault);
  onFault({ ...fault, part: 'lane', error: 'thrown as it is' });
  const text = await metrics.registry.metrics();
  expect(text).toContain('switchyard_plan_faults_total{queue="vip-alerts",part="events"} 3');
  expect(told.mock.calls.map(([fields]) => fields)).toEqual([
    {
      queue: 'vip-alerts',
      part: 'events',
      error: 'TypeError',
      at: expect.stringContaining('plan-faults.test'),
    },
    {
      queue: 'vip-alerts',
      part: 'events',
      error: 'TypeError',
      at: expect.stringContaining('plan-faults.test'),
    },
    { queue: 'vip-alerts', part: 'lane', error: 'no Error', at: null },
  ]);
});
