import { expect, test } from 'vitest';
import { createBodyBudget } from './body-budget.ts';
import { BodyRefused } from './body-refused.ts';

const KIB = 1024;

function budgetOf(totalBytes: number) {
  const clock = { now: 0 };
  const gone: string[] = [];
  const budget = createBodyBudget({ totalBytes, bodyBytes: 1_000 * KIB, now: () => clock.now });
  const open = (name: string, kib: number) => {
    const body = budget.open((error) => gone.push(`${name}: ${error.reason}`), 1_000 * KIB);
    body.add(Buffer.alloc(kib * KIB));
    return body;
  };
  return { budget, open, clock, gone };
}

test('when the bytes of all unfinished bodies are too many, the one that sent least of late goes first, then the oldest', () => {
  const { budget, open, clock, gone } = budgetOf(1_500 * KIB);
  open('stalled, older', 300);
  clock.now = 10;
  open('stalled', 300);
  const fast = open('fast', 300);
  clock.now = 2_000;
  fast.add(Buffer.alloc(100 * KIB));
  expect(gone).toEqual([]);
  open('new', 300);
  expect(gone).toEqual(['stalled, older: unfinished']);
  open('newest', 300);
  expect(gone).toEqual(['stalled, older: unfinished', 'stalled: unfinished']);
  expect(budget.held).toBeLessThanOrEqual(1_500 * KIB);
});

test('a body that arrives whole at once finds room among any number that do not end', () => {
  const { budget, open, clock, gone } = budgetOf(2_000 * KIB);
  for (let index = 0; index < 200; index += 1) {
    clock.now += 10;
    open('stranger', 400);
    const whole = open('whole', 5);
    expect(whole.take()).toHaveLength(5 * KIB);
  }
  expect(gone).not.toContain('whole: unfinished');
  expect(budget.held).toBeLessThanOrEqual(2_000 * KIB);
});

test('unfinished bodies of no bytes are not free', () => {
  const { budget, gone } = budgetOf(1_000 * KIB);
  for (let index = 0; index < 1_000; index += 1) budget.open((error) => gone.push(error.reason), 0);
  expect(budget.unfinished).toBeLessThan(130);
});

test('what is taken, released and refused gives its bytes back', () => {
  const { budget, open } = budgetOf(2_000 * KIB);
  open('a', 10).take();
  open('b', 10).release();
  const large = open('c', 999);
  expect(() => large.add(Buffer.alloc(2 * KIB))).toThrow(BodyRefused);
  large.release();
  expect([budget.held, budget.unfinished]).toEqual([0, 0]);
});
