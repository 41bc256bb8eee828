import { expect, test } from 'vitest';
import { createTurns } from './keeper-turns.ts';

const isSettled = async (promise: Promise<void>) => {
  const open = Symbol('open');
  return (await Promise.race([promise, new Promise((resolve) => setImmediate(resolve, open))])) !== open;
};

test('nobody waits while the drain stands still', async () => {
  const turns = createTurns(100);
  expect(await isSettled(turns.admit(1_000))).toBe(true);
  turns.drained(1);
  turns.halted();
  expect(await isSettled(turns.admit(1_000))).toBe(true);
});

test('while it moves, two are drained for each that is spooled', async () => {
  const turns = createTurns(100);
  turns.drained(10);
  await turns.admit(50);
  const next = turns.admit(1);
  turns.drained(98);
  expect(await isSettled(next)).toBe(false);
  turns.drained(2);
  expect(await isSettled(next)).toBe(true);
});

test('all wait for the last ones, and go on when they are through', async () => {
  const turns = createTurns(100);
  turns.drained(10);
  turns.begin(true);
  const waiting = turns.admit(1);
  turns.drained(5);
  expect(await isSettled(waiting)).toBe(false);
  turns.halted();
  expect(await isSettled(waiting)).toBe(true);
});

test('a drain that stops moving keeps nobody for long, and the next ones not at all', async () => {
  const turns = createTurns(100);
  turns.drained(10);
  turns.begin(true);
  const from = performance.now();
  await turns.admit(1);
  expect(performance.now() - from).toBeLessThan(5_000);
  expect(await isSettled(turns.admit(1_000))).toBe(true);
});
