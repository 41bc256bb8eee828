import { expect, test } from 'vitest';
import { createGate } from './gate.ts';

test('a suspect runs alone, in its turn; the others side by side', async () => {
  const gate = createGate();
  const order: string[] = [];
  const enter = async (name: string, alone: boolean) => {
    await gate.enter(alone);
    order.push(`${name} in`);
    return () => {
      order.push(`${name} out`);
      gate.leave(alone);
    };
  };
  const [one, two] = await Promise.all([enter('one', false), enter('two', false)]);
  const suspect = enter('suspect', true);
  const three = enter('three', false);
  one();
  await Promise.resolve();
  expect(order).toEqual(['one in', 'two in', 'one out']);
  two();
  (await suspect)();
  (await three)();
  expect(order.slice(3)).toEqual(['two out', 'suspect in', 'suspect out', 'three in', 'three out']);
});
