import type { FailureClass } from './retry.ts';

/** What the engine reads off any error a job throws. */
export interface ReadFailure {
  readonly failure: FailureClass;
  readonly code: string;
  readonly message: string;
  readonly target: string | null;
  readonly retryAfterMs: number | null;
}

const KINDS: ReadonlySet<unknown> = new Set([
  'rate-limited',
  'outage',
  'transient',
  'unknown-outcome',
  'permanent',
]);

/**
 * The class and code of an error. By shape and not by constructor, so that a typed error of any package or of a
 * user's own handler counts; what carries no class is `unexpected`.
 */
export function readFailure(error: unknown): ReadFailure {
  if (!(error instanceof Error)) {
    return {
      failure: 'unexpected',
      code: 'NOT_AN_ERROR',
      message: 'threw no Error',
      target: null,
      retryAfterMs: null,
    };
  }
  const failure: unknown = Reflect.get(error, 'failure');
  const code: unknown = Reflect.get(error, 'code');
  const target: unknown = Reflect.get(error, 'target');
  const retryAfterMs: unknown = Reflect.get(error, 'retryAfterMs');
  return {
    failure: isKind(failure) ? failure : 'unexpected',
    code: typeof code === 'string' ? code : error.name,
    message: error.message,
    target: typeof target === 'string' ? target : null,
    retryAfterMs: typeof retryAfterMs === 'number' && retryAfterMs >= 0 ? retryAfterMs : null,
  };
}

function isKind(value: unknown): value is FailureClass {
  return KINDS.has(value);
}
