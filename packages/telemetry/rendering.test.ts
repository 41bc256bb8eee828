import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createRendering } from './rendering.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

test('/metrics is rendered once a second, however many ask', async () => {
  let renderings = 0;
  const rendering = createRendering(async () => String(++renderings));
  for (let second = 1; second <= 3; second += 1) {
    const asked = Array.from({ length: 200 }, () => rendering.latest());
    await vi.advanceTimersByTimeAsync(1_000);
    const answers = new Set(await Promise.all(asked));
    expect(answers.size).toBeLessThanOrEqual(2);
    expect(renderings).toBeLessThanOrEqual(second + 1);
  }
});

test('a rendering that failed is tried again by the next who asks', async () => {
  let fails = true;
  const rendering = createRendering(async () => {
    if (fails) throw new Error('no');
    return 'yes';
  });
  await expect(rendering.latest()).rejects.toThrow('no');
  fails = false;
  expect(await rendering.latest()).toBe('yes');
});
