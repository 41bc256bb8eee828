import pg from 'pg';
import { query } from './postgres-query.ts';

/** A row of the customers table that routing looks people up in. */
export interface CustomerRow {
  email: string;
  subscription_tier: string | null;
  name?: string | null;
}

/**
 * Creates the table `customers(email, subscription_tier, name)` when it isn't there and puts these rows in it,
 * replacing those with the same email. Doing it again changes nothing.
 *
 * Each statement is one message: a parameter makes it several, and the embedded Postgres, whose connections share
 * one session, forgets what came before when another client dies meanwhile.
 *
 * @param url the Postgres to seed
 */
export async function seedCustomers(url: string, rows: readonly CustomerRow[]): Promise<void> {
  const create = `CREATE TABLE IF NOT EXISTS customers (email text PRIMARY KEY, subscription_tier text, name text)`;
  const inserts = rows.map(({ email, subscription_tier, name }) => {
    const values = [email, subscription_tier, name ?? null].map((value) =>
      value === null ? 'NULL' : pg.escapeLiteral(value),
    );
    return `INSERT INTO customers (email, subscription_tier, name) VALUES (${values.join(', ')})
            ON CONFLICT (email) DO UPDATE SET subscription_tier = excluded.subscription_tier, name = excluded.name`;
  });
  await query(
    url,
    [create, ...inserts].map((text) => ({ text })),
  );
}
