import { CallFailure } from '@switchyard/chatwoot';

/** SQLSTATE classes and codes that say "not now": https://www.postgresql.org/docs/current/errcodes-appendix.html */
const AWAY = /^(?:08|53|57P0[1-5])/;
/** Serialization failures and deadlocks, lock timeouts, and our own statement timeout. */
const TRY_AGAIN = new Set(['40001', '40P01', '55P03', '57014']);
const NO_ENTRY = /^28|^3D000$/;
const SQLSTATE = /^[0-9A-Z]{5}$/;

/**
 * What a failed query of the customers database means. Postgres quotes values in some of its messages, so its
 * words are kept only for faults of the query's own text, which quote nothing but that.
 */
export function customersFailure(error: unknown): CallFailure {
  const code = codeOf(error);
  if (code === null || !SQLSTATE.test(code) || AWAY.test(code)) {
    return failure(
      'outage',
      'CUSTOMERS_UNAVAILABLE',
      `the customers database does not answer (${code ?? 'no code'})`,
    );
  }
  if (TRY_AGAIN.has(code)) {
    const hint = code === '57014' ? '; the query ran into routing.customers.timeoutMs' : '';
    return failure(
      'transient',
      'CUSTOMERS_TRY_AGAIN',
      `the customers database gave up on the query (${code})${hint}`,
    );
  }
  if (NO_ENTRY.test(code)) {
    const message = `CUSTOMERS_DATABASE_URL: the database does not let us in (${code}); check user, password and name`;
    return failure('outage', 'CUSTOMERS_UNAUTHORIZED', message);
  }
  const words = /^42/.test(code) && error instanceof Error ? `: ${error.message}` : '';
  return failure(
    'permanent',
    'CUSTOMERS_QUERY_FAILED',
    `routing.customers.query: Postgres says ${code}${words}`,
  );
}

function failure(kind: CallFailure['failure'], code: string, message: string): CallFailure {
  return new CallFailure(kind, message, { code, target: 'customers' });
}

function codeOf(error: unknown): string | null {
  const code: unknown = error instanceof Error ? Reflect.get(error, 'code') : undefined;
  return typeof code === 'string' ? code : null;
}
