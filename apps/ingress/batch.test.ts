import { expect, test, vi } from 'vitest';
import { createBatch } from './batch.ts';

test('what arrives in one turn is handed over together, and what comes meanwhile in the next, in order', async () => {
  const gate = Promise.withResolvers<void>();
  const handed: number[][] = [];
  const batch = createBatch<number, string>({
    largest: 10,
    handle: async (items) => {
      handed.push([...items]);
      if (handed.length === 1) await gate.promise;
      return items.map((item) => `answer ${item}`);
    },
  });
  const first = [batch.add(1), batch.add(2)];
  await vi.waitFor(() => expect(handed).toHaveLength(1), 20_000);
  const second = [batch.add(3), batch.add(4), batch.add(5)];
  gate.resolve();
  expect(await Promise.all([...first, ...second])).toEqual([1, 2, 3, 4, 5].map((item) => `answer ${item}`));
  expect(handed).toEqual([
    [1, 2],
    [3, 4, 5],
  ]);
});

test('a batch is never larger than allowed', async () => {
  const sizes: number[] = [];
  const batch = createBatch<number, number>({
    largest: 4,
    handle: async (items) => {
      sizes.push(items.length);
      return items;
    },
  });
  await Promise.all(Array.from({ length: 10 }, (_, index) => batch.add(index)));
  expect(sizes).toEqual([4, 4, 2]);
});

test('a batch that fails fails for each of its items, and the next one goes on', async () => {
  let calls = 0;
  const batch = createBatch<number, number>({
    largest: 1,
    handle: async (items) => {
      calls += 1;
      if (calls === 1) throw new Error('away');
      return items;
    },
  });
  const answers = await Promise.allSettled([batch.add(1), batch.add(2)]);
  expect(answers.map(({ status }) => status)).toEqual(['rejected', 'fulfilled']);
  await batch.idle();
});
