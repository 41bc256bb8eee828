import pg from 'pg';

/** One statement with its `$1` parameters. */
export interface Statement {
  text: string;
  values?: (string | number | boolean | null)[];
}

type Row = Record<string, unknown>;

/** Runs statements in order on one connection and returns the rows of the last one. */
export async function query(url: string, statements: readonly Statement[]): Promise<Row[]> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 10_000 });
  // A connection lost between statements is an event; the next statement then fails and says so.
  client.on('error', () => {});
  await client.connect();
  try {
    let rows: Row[] = [];
    for (const statement of statements) rows = (await client.query<Row>(statement)).rows;
    return rows;
  } finally {
    await client.end();
  }
}

/** A pool of `max` connections, for tests; the caller ends it. */
export function openPool(url: string, max: number): pg.Pool {
  const pool = new pg.Pool({ connectionString: url, max });
  // An idle connection that breaks is replaced by the pool.
  pool.on('error', () => {});
  return pool;
}
