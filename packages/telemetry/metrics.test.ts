import { describe, expect, it } from 'vitest';
import { createMetrics } from './metrics.ts';

describe('the metrics of a process', () => {
  it('all begin with switchyard_, Node’s own too', async () => {
    const metrics = createMetrics({ app: 'ingress', version: '1.2.3' });
    metrics.counter('deliveries_total', 'Deliveries.', ['source']).inc({ source: 'default' });
    metrics.gauge('spool_depth', 'Deliveries in the spool.').set(3);
    metrics.histogram('ack_seconds', 'Time to the answer.', [], [0.01, 0.1]).observe(0.05);
    const text = await metrics.registry.metrics();
    expect(text).toContain('switchyard_deliveries_total{source="default"} 1\n');
    expect(text).toContain('switchyard_spool_depth 3\n');
    expect(text).toContain('switchyard_ack_seconds_bucket{le="0.1"} 1\n');
    expect(text).toContain('switchyard_process_cpu_seconds_total');
    expect(text).toContain('switchyard_nodejs_eventloop_lag_p99_seconds');
    const names = [...text.matchAll(/^# TYPE (\S+) /gm)].map((match) => match[1]);
    expect(names.filter((name) => !name?.startsWith('switchyard_'))).toEqual([]);
  });

  it('have _total on counters and on nothing else', async () => {
    const text = await createMetrics({ app: 'ingress', version: '1' }).registry.metrics();
    const types = [...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)];
    expect(types.length).toBeGreaterThan(20);
    for (const [, name = '', type] of types)
      expect([name, type === 'counter']).toEqual([name, name.endsWith('_total')]);
  });

  it('say what runs', async () => {
    const { registry } = createMetrics({ app: 'ingress', version: '1.2.3' });
    expect(await registry.getSingleMetricAsString('switchyard_build_info')).toContain(
      `switchyard_build_info{app="ingress",version="1.2.3",node="${process.versions.node}"} 1`,
    );
  });

  it('are apart from those of another registry', async () => {
    const one = createMetrics({ app: 'one', version: '1' });
    const other = createMetrics({ app: 'other', version: '1' });
    one.counter('jobs_total', 'Jobs.').inc();
    other.counter('jobs_total', 'Jobs.');
    expect(await other.registry.getSingleMetricAsString('switchyard_jobs_total')).toContain(
      'switchyard_jobs_total 0',
    );
  });
});
