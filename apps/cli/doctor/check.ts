import { setTimeout as sleep } from 'node:timers/promises';
import { failureOf } from '../command-failure.ts';

/** `skip`: could not be looked at, because of another finding or because nothing says where. */
export type Status = 'ok' | 'warn' | 'fail' | 'skip';

export interface Finding {
  readonly name: string;
  readonly status: Status;
  readonly detail: string;
  /** What to do, where something is to be done. */
  readonly fix: string | null;
}

/** One thing to look at, on its own and at the same time as the others. */
export interface Check {
  readonly group: string;
  readonly name: string;
  /** What it throws is its finding. */
  run(signal: AbortSignal): Promise<readonly Finding[]>;
}

export interface CheckResult extends Finding {
  readonly group: string;
}

const LIMIT_MS = 20_000;

export const ok = (name: string, detail: string): Finding => ({ name, status: 'ok', detail, fix: null });
export const warn = (name: string, detail: string, fix: string | null = null): Finding => ({
  name,
  status: 'warn',
  detail,
  fix,
});
export const fail = (name: string, detail: string, fix: string | null = null): Finding => ({
  name,
  status: 'fail',
  detail,
  fix,
});
export const skip = (name: string, detail: string): Finding => ({ name, status: 'skip', detail, fix: null });

/** Runs all at once, each within its limit; the findings come in the order of the checks. */
export async function runChecks(
  checks: readonly Check[],
  signal: AbortSignal,
  limitMs = LIMIT_MS,
): Promise<CheckResult[]> {
  const each = await Promise.all(
    checks.map(async (check) => {
      const findings = await within(check, signal, limitMs);
      return findings.map((finding) => ({ group: check.group, ...finding }));
    }),
  );
  return each.flat();
}

async function within(check: Check, signal: AbortSignal, limitMs: number): Promise<readonly Finding[]> {
  const over = new AbortController();
  const late = sleep(limitMs, undefined, { signal: over.signal }).then(() => {
    throw new Error(`no answer within ${limitMs / 1000} s`);
  });
  try {
    return await Promise.race([check.run(AbortSignal.any([signal, over.signal])), late]);
  } catch (error) {
    const { message, fix, code } = failureOf(error);
    const text = code === 'FAULT' ? message.replace(/^unexpected: /, '') : message;
    return [fail(check.name, text, code === 'FAULT' ? null : fix.join(' ') || null)];
  } finally {
    late.catch(() => {});
    over.abort();
  }
}

export function summaryOf(results: readonly Finding[]): Readonly<Record<Status, number>> {
  const count = (status: Status) => results.filter((result) => result.status === status).length;
  return { ok: count('ok'), warn: count('warn'), fail: count('fail'), skip: count('skip') };
}
