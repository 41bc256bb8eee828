import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { seedCustomers } from './customers.ts';
import { type PostgresSources, startPostgres } from './postgres.ts';
import { openPool, query } from './postgres-query.ts';
import type { PostgresServer } from './postgres-server.ts';

describe('where a Postgres comes from', () => {
  const url = 'postgres://me@db/customers';
  const cases = [
    {
      name: 'the URL before all',
      owned: false,
      env: { CUSTOMERS_DATABASE_URL: url },
      docker: true,
      kind: 'url',
    },
    { name: 'Docker next', owned: false, env: {}, docker: true, kind: 'docker' },
    {
      name: 'no URL for its owner',
      owned: true,
      env: { CUSTOMERS_DATABASE_URL: url },
      docker: true,
      kind: 'docker',
    },
    { name: 'the embedded one last', owned: false, env: {}, docker: false, kind: 'embedded' },
  ];
  it.each(cases)('takes $name', async ({ owned, env, docker, kind }) => {
    const nothing = async () => {};
    const server = (kind: PostgresServer['kind']): PostgresServer => {
      return { url: 'x', kind, label: kind, stop: nothing, start: nothing, close: nothing };
    };
    const sources: PostgresSources = {
      dockerAnswers: async () => docker,
      inDocker: async () => server('docker'),
      embedded: async () => server('embedded'),
    };
    expect((await startPostgres({ owned, env }, sources)).kind).toBe(kind);
  });

  it('does not stop a server that is not ours', async () => {
    const server = await startPostgres({ env: { CUSTOMERS_DATABASE_URL: url } });
    await expect(server.stop()).rejects.toThrow(/not ours to stop.*owned: true/);
  });
});

describe('a Postgres of our own', () => {
  let server: PostgresServer;
  beforeAll(async () => {
    server = await startPostgres({ owned: true, seed: ['CREATE TABLE seeded (n int)'] });
  }, 60_000);
  afterAll(() => server.close());

  it('has run its seed', async () => {
    expect(await query(server.url, [{ text: 'SELECT count(*)::int AS n FROM seeded' }])).toEqual([{ n: 0 }]);
  });

  it('gives each of many connections its own answers', async () => {
    const pool = openPool(server.url, 20);
    const asked = Array.from({ length: 400 }, (_, n) => n);
    const answers = await Promise.all(
      asked.map(async (n) => {
        // Two shapes, so that a statement that got into another connection's hands would show.
        const statement =
          n % 2 === 0
            ? { text: 'SELECT $1::int AS n', values: [n] }
            : { text: 'SELECT $1::text AS t, $2::int AS n', values: ['t', n] };
        return (await pool.query(statement)).rows[0]?.n;
      }),
    );
    expect(answers).toEqual(asked);
    await pool.end();
  });

  it('puts customers in a table, as often as asked', async () => {
    await seedCustomers(server.url, [
      { email: 'ada@example.com', subscription_tier: 'enterprise', name: 'Ada' },
      { email: 'bob@example.com', subscription_tier: null },
    ]);
    await seedCustomers(server.url, [{ email: 'bob@example.com', subscription_tier: 'free' }]);
    const text = 'SELECT subscription_tier FROM customers WHERE email = $1';
    const tiers = await Promise.all(
      ['ada@example.com', 'bob@example.com', "o'hara@example.com"].map((email) =>
        query(server.url, [{ text, values: [email] }]),
      ),
    );
    expect(tiers).toEqual([[{ subscription_tier: 'enterprise' }], [{ subscription_tier: 'free' }], []]);
  });

  it('keeps transactions of several connections apart', async () => {
    const insert = (n: number) => [
      { text: 'BEGIN' },
      { text: 'INSERT INTO seeded VALUES ($1)', values: [n] },
      { text: n % 2 === 0 ? 'COMMIT' : 'ROLLBACK' },
    ];
    const ns = [100, 101, 102, 103, 104, 105];
    await Promise.all(ns.map((n) => query(server.url, insert(n))));
    const text = 'SELECT n FROM seeded WHERE n >= 100 ORDER BY n';
    expect(await query(server.url, [{ text }])).toEqual([{ n: 100 }, { n: 102 }, { n: 104 }]);
    await query(server.url, [{ text: 'DELETE FROM seeded' }]);
  });

  it('goes on after a statement that fails', async () => {
    await expect(query(server.url, [{ text: 'SELECT nothing FROM nowhere' }])).rejects.toThrow(/nowhere/);
    expect(await query(server.url, [{ text: 'SELECT 1 AS n' }])).toEqual([{ n: 1 }]);
  });

  it('refuses connections while stopped, and has its data when it is back on the same port', async () => {
    await query(server.url, [{ text: 'INSERT INTO seeded VALUES (7)' }]);
    await server.stop();
    await expect(query(server.url, [{ text: 'SELECT 1' }])).rejects.toThrow(/ECONNREFUSED/);
    await server.start();
    expect(await query(server.url, [{ text: 'SELECT n FROM seeded' }])).toEqual([{ n: 7 }]);
  });

  it('breaks an open connection when it is stopped', async () => {
    const pool = openPool(server.url, 1);
    await pool.query({ text: 'SELECT 1' });
    await server.stop();
    await expect(pool.query({ text: 'SELECT 1' })).rejects.toThrow();
    await server.start();
    expect((await pool.query({ text: 'SELECT 1 AS n' })).rows).toEqual([{ n: 1 }]);
    await pool.end();
  });
});
