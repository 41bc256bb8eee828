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
 * @param url the Postgres to seed
 */
export async function seedCustomers(url: string, rows: readonly CustomerRow[]): Promise<void> {
  await query(url, [
    {
      text: `CREATE TABLE IF NOT EXISTS customers (email text PRIMARY KEY, subscription_tier text, name text)`,
    },
    ...rows.map((row) => ({
      text: `INSERT INTO customers (email, subscription_tier, name) VALUES ($1, $2, $3)
             ON CONFLICT (email) DO UPDATE SET subscription_tier = excluded.subscription_tier, name = excluded.name`,
      values: [row.email, row.subscription_tier, row.name ?? null],
    })),
  ]);
}
