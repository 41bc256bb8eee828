import type { RoutingFacts, RoutingTest } from '@switchyard/config';

/** Whether every condition holds: fact path to test, as in `{ 'customer.subscription_tier': 'enterprise' }`. */
export function allHold(conditions: Readonly<Record<string, RoutingTest>>, facts: RoutingFacts): boolean {
  return Object.entries(conditions).every(([path, test]) => holds(test, factAt(facts, path)));
}

/**
 * Whether a fact passes a test. Strings compare without blanks around them and without letter case; a number
 * and a string of it are equal, since databases give both for one column type. Of a fact that is a list, such
 * as labels, one item must pass (for `not`, none may be equal). What is missing is null.
 */
export function holds(test: RoutingTest, fact: unknown): boolean {
  if (Array.isArray(test)) return test.some((value) => equals(fact, value));
  if (typeof test !== 'object' || test === null) return equals(fact, test);
  return (
    (test.is === undefined || equals(fact, test.is)) &&
    (test.not === undefined || !equals(fact, test.not)) &&
    (test.in === undefined || test.in.some((value) => equals(fact, value))) &&
    (test.exists === undefined || exists(fact) === test.exists) &&
    (test.atLeast === undefined || isAtLeast(fact, test.atLeast)) &&
    (test.below === undefined || isBelow(fact, test.below))
  );
}

/** The fact at a dotted path; null where there is none. Own properties only. */
export function factAt(facts: unknown, path: string): unknown {
  let value = facts;
  for (const part of path.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, part)) return null;
    value = Reflect.get(value, part);
  }
  return value ?? null;
}

type Scalar = string | number | boolean | null;

function equals(fact: unknown, value: Scalar): boolean {
  if (Array.isArray(fact)) return fact.some((item) => equals(item, value));
  if (fact === null || value === null) return fact === value;
  return folded(fact) === folded(value);
}

function folded(value: unknown): string {
  return String(value).trim().normalize('NFC').toLowerCase();
}

/** A blank string is nothing, as is an empty list. */
function exists(fact: unknown): boolean {
  if (Array.isArray(fact)) return fact.length > 0;
  return fact !== null && !(typeof fact === 'string' && fact.trim() === '');
}

function isAtLeast(fact: unknown, limit: number): boolean {
  const number = numberOrNull(fact);
  return number !== null && number >= limit;
}

function isBelow(fact: unknown, limit: number): boolean {
  const number = numberOrNull(fact);
  return number !== null && number < limit;
}

/** Postgres gives bigint and numeric columns as strings. */
function numberOrNull(fact: unknown): number | null {
  if (typeof fact === 'number') return Number.isNaN(fact) ? null : fact;
  if (typeof fact === 'bigint') return Number(fact);
  if (typeof fact !== 'string' || fact.trim() === '') return null;
  const number = Number(fact);
  return Number.isNaN(number) ? null : number;
}
