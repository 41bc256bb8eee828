import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from './ports.ts';
import { startProcess } from './processes.ts';
import { findPrometheus } from './prometheus-programs.ts';

/** One answer of Prometheus: a series and its value. */
export interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface PrometheusServer {
  readonly url: string;
  readonly label: string;
  /** @throws with Prometheus's own words when the expression is wrong. */
  query(expr: string): Promise<readonly Sample[]>;
  /** The body of `data` of any GET of its API: `/api/v1/targets`. */
  api(path: string): Promise<unknown>;
  close(): Promise<void>;
}

/**
 * A real Prometheus on loopback, in a folder of its own that holds these files: `prometheus.yml`, and what it names.
 *
 * @throws when there is no Prometheus to be had, or it refuses the configuration.
 */
export async function startPrometheus(files: Readonly<Record<string, string>>): Promise<PrometheusServer> {
  const programs = await findPrometheus();
  const folder = await mkdtemp(join(tmpdir(), 'switchyard-prometheus-'));
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
  const running = await startProcess({
    name: programs.label,
    command: programs.prometheus,
    args: [
      `--config.file=${join(folder, 'prometheus.yml')}`,
      `--storage.tsdb.path=${join(folder, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
      '--log.level=warn',
    ],
    env: { PATH: process.env.PATH },
    readyUrl: `${url}/-/ready`,
    detached: true,
    folder,
  }).catch(async (error: unknown) => {
    await rm(folder, { recursive: true, force: true });
    throw error;
  });

  async function api(path: string): Promise<unknown> {
    const answer = await fetch(`${url}${path}`, { signal: AbortSignal.timeout(20_000) });
    const body: unknown = await answer.json();
    if (!answer.ok) throw new Error(`Prometheus: ${String(field(body, 'error'))}`);
    return field(body, 'data');
  }

  return {
    url,
    label: programs.label,
    api,
    async query(expr) {
      const data = await api(`/api/v1/query?query=${encodeURIComponent(expr)}`);
      const result = field(data, 'result');
      if (field(data, 'resultType') === 'scalar') return [{ labels: {}, value: numberOf(result) }];
      if (!Array.isArray(result)) throw new Error(`Prometheus: no list of series for ${expr}`);
      return result.map((series: unknown) => ({
        labels: labelsOf(field(series, 'metric')),
        value: numberOf(field(series, 'value')),
      }));
    },
    async close() {
      await running.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function field(of: unknown, name: string): unknown {
  return typeof of === 'object' && of !== null ? Reflect.get(of, name) : undefined;
}

function labelsOf(metric: unknown): Record<string, string> {
  return Object.fromEntries(Object.entries(Object(metric)).map(([name, value]) => [name, String(value)]));
}

/** Prometheus writes numbers as text, `NaN` and `+Inf` among them. */
function numberOf(pair: unknown): number {
  const text = String(Array.isArray(pair) ? pair[1] : undefined);
  return text === '+Inf'
    ? Number.POSITIVE_INFINITY
    : text === '-Inf'
      ? Number.NEGATIVE_INFINITY
      : Number(text);
}
