import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

/** One process's metrics. Names begin with `switchyard_`, labels are bounded (design.md §4). */
export interface Metrics {
  readonly registry: Registry;
  /** `collect` sets it when it is asked for, where somebody else does the counting. */
  counter<Label extends string>(
    name: string,
    help: string,
    labels?: readonly Label[],
    collect?: (counter: Counter<Label>) => Promise<void>,
  ): Counter<Label>;
  /** `collect` sets it when it is asked for. */
  gauge<Label extends string>(
    name: string,
    help: string,
    labels?: readonly Label[],
    collect?: (gauge: Gauge<Label>) => Promise<void>,
  ): Gauge<Label>;
  /** `buckets` in seconds. */
  histogram<Label extends string>(
    name: string,
    help: string,
    labels: readonly Label[],
    buckets: readonly number[],
  ): Histogram<Label>;
}

export interface BuildInfo {
  readonly app: string;
  readonly version: string;
}

/** Gauges of prom-client that are named like counters; the same is there by type, without `_total`. */
const MISNAMED = ['active_handles_total', 'active_requests_total', 'active_resources_total'];

/** The registry of a process, with Node's own measurements and the build info in it. */
export function createMetrics(build: BuildInfo): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry, prefix: 'switchyard_' });
  for (const name of MISNAMED) registry.removeSingleMetric(`switchyard_nodejs_${name}`);
  const metrics: Metrics = {
    registry,
    counter: (name, help, labels = [], collect) => {
      const counter: Counter<(typeof labels)[number]> = new Counter({
        name: `switchyard_${name}`,
        help,
        labelNames: [...labels],
        registers: [registry],
        ...(collect === undefined ? {} : { collect: (): Promise<void> => collect(counter) }),
      });
      return counter;
    },
    gauge: (name, help, labels = [], collect) => {
      const gauge: Gauge<(typeof labels)[number]> = new Gauge({
        name: `switchyard_${name}`,
        help,
        labelNames: [...labels],
        registers: [registry],
        ...(collect === undefined ? {} : { collect: (): Promise<void> => collect(gauge) }),
      });
      return gauge;
    },
    histogram: (name, help, labels, buckets) =>
      new Histogram({
        name: `switchyard_${name}`,
        help,
        labelNames: [...labels],
        buckets: [...buckets],
        registers: [registry],
      }),
  };
  metrics
    .gauge('build_info', 'Always 1; the labels say what runs.', ['app', 'version', 'node'])
    .set({ ...build, node: process.versions.node }, 1);
  return metrics;
}
