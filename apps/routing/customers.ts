import { Pool } from 'pg';
import { customersFailure } from './customers-failure.ts';

type Customer = Readonly<Record<string, unknown>>;

/** Customer records, found by e-mail address with the user's own query. */
export interface Customers {
  /**
   * The query's first row, null when there is none.
   *
   * @throws {CallFailure} `outage` or `transient` when the database is away, `permanent` when the query is wrong.
   */
  find(email: string): Promise<Customer | null>;
  /** Whether the database answers; throws like `find`. */
  ping(): Promise<void>;
  close(): Promise<void>;
}

export interface CustomersOptions {
  readonly url: string;
  /** One parameter, $1: the e-mail address. */
  readonly query: string;
  readonly timeoutMs: number;
  /** How many queries at once; the rest wait their turn within `timeoutMs`. */
  readonly connections?: number;
  /** An idle connection broke; the pool has dropped it and makes another when needed. */
  readonly onIdleError?: (error: Error) => void;
}

/** What the server gets on top of its own statement timeout to tell us of it. */
const ANSWER_MARGIN_MS = 1_000;

export function createCustomers({
  url,
  query,
  timeoutMs,
  connections = 4,
  onIdleError,
}: CustomersOptions): Customers {
  const pool = new Pool({
    connectionString: url,
    max: connections,
    connectionTimeoutMillis: timeoutMs,
    query_timeout: timeoutMs + ANSWER_MARGIN_MS,
    idleTimeoutMillis: 30_000,
    keepAlive: true,
    application_name: 'switchyard-routing',
  });
  // Without a listener, a connection that breaks while idle would end the process.
  pool.on('error', (error) => onIdleError?.(error));

  /**
   * Read-only and bounded by the server itself: a user's query that would write is refused, one that hangs is
   * ended. A pooler such as PgBouncer takes no such settings with the connection, so they go with the transaction.
   */
  async function read(text: string, values: readonly unknown[]): Promise<Customer | null> {
    try {
      const client = await pool.connect();
      try {
        await client.query(`BEGIN READ ONLY; SET LOCAL statement_timeout = ${timeoutMs}`);
        const result = await client.query<Record<string, unknown>>(text, [...values]);
        await client.query('ROLLBACK');
        client.release();
        return result.rows[0] ?? null;
      } catch (error) {
        // The connection may be broken or still busy with a query that ran out of time; it goes with the error.
        client.release(true);
        throw error;
      }
    } catch (error) {
      throw customersFailure(error);
    }
  }

  return {
    find: (email) => read(query, [email]),
    ping: async () => void (await read('SELECT 1', [])),
    close: () => pool.end(),
  };
}
