import { type FailureKind, type FailureScope, usualScope } from '@switchyard/chatwoot';
import type { FailureClass } from './retry.ts';

/** What the engine reads off any error a job throws. */
export interface ReadFailure {
  readonly failure: FailureClass;
  /** Whether it is about this job alone, or about everything that its target does. */
  readonly scope: FailureScope;
  readonly code: string;
  readonly message: string;
  readonly target: string | null;
  readonly retryAfterMs: number | null;
}

const KINDS: ReadonlySet<unknown> = new Set([
  'rate-limited',
  'outage',
  'refused',
  'transient',
  'unknown-outcome',
  'permanent',
]);

/**
 * What ioredis throws, and Redis answers, while it can't be had: no connection, a failover, a cluster that looks for
 * its nodes. Whether what was asked has been done is not known, nor whether the step around it was: it may be that
 * its result could not be written down.
 */
const REDIS_NAMES: ReadonlySet<string> = new Set(['MaxRetriesPerRequestError', 'ClusterAllFailedError']);
const REDIS_WORDS =
  /^(?:Connection is closed|Stream isn't writeable|Command timed out|Socket timeout|Too many Cluster redirections|Cluster is ended|Cluster isn't ready|None of startup nodes)/;
const REDIS_ANSWERS =
  /\b(?:READONLY|LOADING|MASTERDOWN|CLUSTERDOWN|TRYAGAIN|MOVED|ASK|OOM|MISCONF|NOREPLICAS|BUSY|UNBLOCKED)\b/;

/**
 * The class and code of an error. By shape and not by constructor, so that a typed error of any package or of a
 * user's own handler counts; what carries no class is `unexpected`.
 */
export function readFailure(error: unknown): ReadFailure {
  if (!(error instanceof Error)) {
    return {
      failure: 'unexpected',
      scope: 'item',
      code: 'NOT_AN_ERROR',
      message: 'threw no Error',
      target: null,
      retryAfterMs: null,
    };
  }
  const failure: unknown = Reflect.get(error, 'failure');
  if (!isKind(failure) && isRedisAway(error)) {
    const { message } = error;
    return {
      failure: 'unknown-outcome',
      scope: 'target',
      code: 'REDIS_AWAY',
      message,
      target: 'redis',
      retryAfterMs: null,
    };
  }
  const code: unknown = Reflect.get(error, 'code');
  const target: unknown = Reflect.get(error, 'target');
  const retryAfterMs: unknown = Reflect.get(error, 'retryAfterMs');
  const scope: unknown = Reflect.get(error, 'scope');
  return {
    failure: isKind(failure) ? failure : 'unexpected',
    scope: isScope(scope) ? scope : isKind(failure) ? usualScope(failure) : 'item',
    code: typeof code === 'string' ? code : error.name,
    message: error.message,
    target: typeof target === 'string' ? target : null,
    retryAfterMs: typeof retryAfterMs === 'number' && retryAfterMs >= 0 ? retryAfterMs : null,
  };
}

function isRedisAway({ name, message }: Error): boolean {
  if (name === 'ReplyError') return REDIS_ANSWERS.test(message);
  return REDIS_NAMES.has(name) || REDIS_WORDS.test(message);
}

function isKind(value: unknown): value is FailureKind {
  return KINDS.has(value);
}

function isScope(value: unknown): value is FailureScope {
  return value === 'item' || value === 'target';
}
