import { ask, NoAnswer } from './ask.ts';
import { CommandFailure } from './command-failure.ts';
import { EXIT } from './exit.ts';
import type { SpoolStatus } from './status-judgement.ts';

const LIMIT_MS = 5_000;

export interface AdminAnswer {
  readonly status: number;
  readonly text: string;
}

/** One page of an app's admin server. @throws {CommandFailure} nobody answers. */
export async function readAdmin(
  base: string,
  page: 'metrics' | 'healthz' | 'readyz',
  signal?: AbortSignal,
): Promise<AdminAnswer> {
  const url = `${base.replace(/\/+$/, '')}/${page}`;
  try {
    const { status, text } = await ask({ url, limitMs: LIMIT_MS, signal });
    return { status, text };
  } catch (error) {
    if (!(error instanceof NoAnswer)) throw error;
    throw new CommandFailure(
      EXIT.unreachable,
      'ADMIN_UNREACHABLE',
      `${url} can't be reached: ${error.message}`,
      ['Give the address of ADMIN_PORT, not of PORT; it is not open to the public.'],
    );
  }
}

/** @throws {CommandFailure} nobody answers there, or not an ingress. */
export async function readSpool(base: string, signal?: AbortSignal): Promise<SpoolStatus> {
  const [metrics, ready] = await Promise.all([
    readAdmin(base, 'metrics', signal),
    readAdmin(base, 'readyz', signal),
  ]);
  const records = metricIn(metrics.text, 'switchyard_spool_records');
  if (records === null) {
    throw new CommandFailure(
      EXIT.problem,
      'NOT_AN_INGRESS',
      `${base} answers, but has no metrics of a spool`,
      ['Give the admin address of the ingress.'],
    );
  }
  return {
    records,
    oldestSeconds: metricIn(metrics.text, 'switchyard_spool_oldest_seconds') ?? 0,
    setAside: metricIn(metrics.text, 'switchyard_spool_set_aside_total') ?? 0,
    ready: ready.status === 200,
  };
}

/** The sum of a metric over all its labels; null when it is not there. */
export function metricIn(text: string, name: string): number | null {
  const values = text.split('\n').flatMap((line) => {
    const [, found, value] = /^([a-z_]+)(?:\{[^}]*\})? ([\d.eE+-]+)$/.exec(line) ?? [];
    return found === name ? [Number(value)] : [];
  });
  return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0);
}

/** The value of a label of `switchyard_build_info`, which says what runs there; null when it does not say. */
export function appIn(text: string): string | null {
  return /^switchyard_build_info\{[^}]*app="([^"]+)"/m.exec(text)?.[1] ?? null;
}
