import type { CliConfig, RoutingConfig } from '@switchyard/config';
import { Client } from 'pg';
import { durationText } from '../durations.ts';
import { type Check, type Finding, fail, ok, warn } from './check.ts';

/** Nobody has this address: `.invalid` is reserved for that (RFC 2606). */
const NOBODY = 'doctor@switchyard.invalid';
const CONNECT_MS = 5_000;

/** Runs the customers query for an address that nobody has, in a read-only transaction that is rolled back. */
export function customersChecks({ routing, customersDatabaseUrl }: CliConfig): Check[] {
  const customers = routing?.customers;
  if (routing === null || customers === undefined || customersDatabaseUrl === null) return [];
  return [
    {
      group: 'Customers database',
      name: 'query',
      async run() {
        const client = new Client({
          connectionString: customersDatabaseUrl,
          connectionTimeoutMillis: CONNECT_MS,
          query_timeout: customers.timeoutMs + 1_000,
          application_name: 'switchyard-doctor',
        });
        client.on('error', () => {}); // The query that is under way tells.
        try {
          await client.connect();
          const begun = performance.now();
          await client.query(`BEGIN READ ONLY; SET LOCAL statement_timeout = ${customers.timeoutMs}`);
          const { fields } = await client.query(customers.query, [NOBODY]);
          await client.query('ROLLBACK');
          const columns = fields.map(({ name }) => name);
          return judgeColumns(columns, columnsIn(routing), performance.now() - begun);
        } catch (error) {
          return [explain(error)];
        } finally {
          await client.end().catch(() => {});
        }
      },
    },
  ];
}

/** The columns that rules ask for, as `customer.<column>`. */
export function columnsIn({ rules }: RoutingConfig): string[] {
  const paths = rules.flatMap(({ when }) => (typeof when === 'function' ? [] : Object.keys(when)));
  return [
    ...new Set(
      paths.flatMap((path) => {
        const [fact, column] = path.split('.');
        return fact === 'customer' && column !== undefined ? [column] : [];
      }),
    ),
  ];
}

/** Pure. */
export function judgeColumns(given: readonly string[], asked: readonly string[], ms: number): Finding[] {
  const lacking = asked.filter((column) => !given.includes(column));
  const took = `runs in ${durationText(ms)}`;
  if (lacking.length === 0) return [ok('query', `${took} and gives ${given.join(', ') || 'no columns'}`)];
  return lacking.map((column) =>
    warn(
      'query',
      `${took}, but gives no column ${column}, which a rule asks for; it gives ${given.join(', ') || 'none'}`,
      `Select ${column} in routing.customers.query, or mend the rule: it never fits.`,
    ),
  );
}

/** Postgres quotes values in some of its messages; its words are told only for faults of the query's own text. */
export function explain(error: unknown): Finding {
  const code: unknown = error instanceof Error ? Reflect.get(error, 'code') : undefined;
  const message = error instanceof Error ? error.message : 'unknown';
  if (typeof code !== 'string' || !/^[0-9A-Z]{5}$/.test(code) || /^(?:08|53|57P)/.test(code)) {
    const reason = typeof code === 'string' ? code : message;
    return fail(
      'query',
      `the database does not answer (${reason})`,
      'Check CUSTOMERS_DATABASE_URL, the network, and whether TLS is asked for (?sslmode=require).',
    );
  }
  if (/^28|^3D000$/.test(code)) {
    return fail(
      'query',
      `the database does not let us in (${code})`,
      'Check user, password and name in CUSTOMERS_DATABASE_URL.',
    );
  }
  if (code === '25006') {
    return fail('query', 'it writes, and Switchyard only reads', 'Make routing.customers.query a SELECT.');
  }
  if (code === '57014') {
    return fail(
      'query',
      'it takes longer than routing.customers.timeoutMs',
      'Add an index on what it looks up, or raise the limit.',
    );
  }
  const words = /^42/.test(code) ? `: ${message}` : '';
  return fail(
    'query',
    `Postgres says ${code}${words}`,
    'Mend routing.customers.query; its one parameter, $1, is an e-mail address.',
  );
}
