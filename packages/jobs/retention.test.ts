import { createMetrics } from '@switchyard/telemetry';
import { expect, test, vi } from 'vitest';
import { keepRetention } from './retention.ts';
import { testingRuntime } from './testing-context.ts';
import { createWorkerMetrics } from './worker-metrics.ts';

test('discards again and again what is dead too long, counts it, survives a failure, and ends with the signal', async () => {
  const metrics = createMetrics({ app: 'test', version: '0' });
  const expire = vi.fn<() => Promise<number>>();
  expire.mockResolvedValueOnce(3).mockRejectedValueOnce(new Error('Redis is away')).mockResolvedValue(0);
  const stopping = new AbortController();
  const ended = keepRetention({
    queue: 'routing',
    dead: { expire },
    measured: createWorkerMetrics(metrics),
    log: testingRuntime().log,
    signal: stopping.signal,
    everyMs: 1,
  });
  await vi.waitFor(() => expect(expire.mock.calls.length).toBeGreaterThanOrEqual(3), 20_000);
  stopping.abort();
  await ended;
  expect(expire).toHaveBeenCalledWith({ queue: 'routing' });
  expect(await metrics.registry.getSingleMetricAsString('switchyard_dead_jobs_expired_total')).toContain(
    '{queue="routing"} 3',
  );
});
