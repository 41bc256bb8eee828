import { describe, expect, test } from 'vitest';
import { FaultList } from './faults.ts';

describe('a fault list', () => {
  test.each([
    { filter: {}, method: 'GET', path: '/a', hit: true },
    { filter: { method: 'post' }, method: 'POST', path: '/a', hit: true },
    { filter: { method: 'POST' }, method: 'GET', path: '/a', hit: false },
    { filter: { path: '/messages' }, method: 'POST', path: '/x/1/messages', hit: true },
    { filter: { path: '/messages' }, method: 'POST', path: '/x/1/labels', hit: false },
    { filter: { path: /messages$/g }, method: 'POST', path: '/x/1/messages', hit: true },
  ])('$filter on $method $path: $hit', ({ filter, method, path, hit }) => {
    const list = new FaultList();
    list.add({ kind: 'badJson', ...filter });
    expect(list.take(method, path) !== null).toBe(hit);
    expect(list.take(method, path) !== null).toBe(hit);
  });

  test('a counted fault is spent, and the next one acts', () => {
    const list = new FaultList();
    list.add({ kind: 'status', status: 500, count: 2 });
    list.add({ kind: 'badJson' });
    const kinds = [1, 2, 3].map(() => list.take('GET', '/')?.kind);
    expect(kinds).toEqual(['status', 'status', 'badJson']);
    expect(list.active()).toHaveLength(1);
  });

  test('a probability is asked of the given dice', () => {
    const rolls = [0.2, 0.9];
    const list = new FaultList(() => rolls.shift() ?? 1);
    list.add({ kind: 'badJson', probability: 0.5 });
    expect(list.take('GET', '/')).not.toBeNull();
    expect(list.take('GET', '/')).toBeNull();
  });

  test('a fault can be taken back', () => {
    const list = new FaultList();
    const remove = list.add({ kind: 'badJson' });
    remove();
    expect(list.take('GET', '/')).toBeNull();
  });
});
