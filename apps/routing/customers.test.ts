import { seedCustomers } from '@switchyard/testkit';
import { beforeAll, describe, expect, inject, it, onTestFinished } from 'vitest';
import { type CustomersOptions, createCustomers } from './customers.ts';
import { customersFailure } from './customers-failure.ts';

const query = 'SELECT subscription_tier FROM customers WHERE email = $1';
let url: string;

beforeAll(async () => {
  url = inject('postgresUrl');
  await seedCustomers(url, [
    { email: 'big@routing.example', subscription_tier: 'enterprise' },
    { email: 'null@routing.example', subscription_tier: null },
  ]);
});

describe('the customers database', () => {
  it.each([
    { email: 'big@routing.example', row: { subscription_tier: 'enterprise' } },
    { email: 'null@routing.example', row: { subscription_tier: null } },
    { email: "x' OR '1'='1", row: null },
  ])('answers $row for $email', async ({ email, row }) => {
    expect(await open().find(email)).toEqual(row);
  });

  it.each([
    { what: 'is no SQL', query: 'SELEC 1 WHERE $1 IS NULL' },
    { what: 'names a table that is not there', query: 'SELECT 1 FROM nowhere WHERE email = $1' },
    { what: 'writes', query: 'DELETE FROM customers WHERE email = $1' },
  ])('calls a query that $what a permanent failure of the setting', async ({ query }) => {
    await expect(open({ query }).find('big@routing.example')).rejects.toMatchObject({
      failure: 'permanent',
      code: 'CUSTOMERS_QUERY_FAILED',
      message: expect.stringContaining('routing.customers.query'),
    });
  });

  it('can be asked again after a query failed', async () => {
    const customers = open({ query: 'SELECT 1 / length($1) AS x', connections: 1 });
    await expect(customers.find('')).rejects.toMatchObject({ failure: 'permanent' });
    expect(await customers.find('a')).toEqual({ x: 1 });
  });

  it('that nobody listens at is an outage', async () => {
    const away = open({ url: 'postgres://postgres@127.0.0.1:9/postgres' });
    await expect(away.find('a@b.example')).rejects.toMatchObject({ failure: 'outage', target: 'customers' });
    await expect(away.ping()).rejects.toMatchObject({ failure: 'outage' });
  });
});

describe('what a failed query means', () => {
  it.each([
    { code: 'ECONNREFUSED', failure: 'outage' },
    { code: undefined, failure: 'outage' },
    { code: '08006', failure: 'outage' },
    { code: '53300', failure: 'outage' },
    { code: '57P01', failure: 'outage' },
    { code: '57P03', failure: 'outage' },
    { code: '28P01', failure: 'outage' },
    { code: '57014', failure: 'transient' },
    { code: '40001', failure: 'transient' },
    { code: '42601', failure: 'permanent' },
    { code: '42P01', failure: 'permanent' },
    { code: '25006', failure: 'permanent' },
    { code: '22P02', failure: 'permanent' },
  ])('$code is $failure', ({ code, failure }) => {
    expect(customersFailure(Object.assign(new Error('x'), { code }))).toMatchObject({
      failure,
      target: 'customers',
    });
  });

  it('keeps what Postgres says of the values to itself', () => {
    const error = Object.assign(new Error('invalid input syntax for type integer: "mara@example.com"'), {
      code: '22P02',
    });
    expect(customersFailure(error).message).not.toContain('mara');
  });
});

function open(options: Partial<CustomersOptions> = {}) {
  const customers = createCustomers({ url, query, timeoutMs: 2_000, ...options });
  onTestFinished(() => customers.close());
  return customers;
}
