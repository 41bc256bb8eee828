import { expect, test } from 'vitest';
import { createInterruption } from './interruption.ts';

test('the same signal passed on by others interrupts once; a second one, later, leaves at once', () => {
  let time = 5_000;
  let left = 0;
  const interruption = createInterruption(
    () => {
      left += 1;
    },
    () => time,
  );
  expect(interruption.signal.aborted).toBe(false);
  for (const ms of [0, 5, 300]) {
    time += ms;
    interruption.take();
    expect(interruption.signal.aborted).toBe(true);
  }
  expect(left).toBe(0);
  time += 1_000;
  interruption.take();
  expect(left).toBe(1);
});
