import { expect, it } from 'vitest';
import { nearest } from './spelling.ts';

const NAMES = ['assign', 'when', 'name', 'labels', 'apiKey', 'is', 'in'];

it.each([
  ['asign', 'assign'],
  ['assing', 'assign'],
  ['lables', 'labels'],
  ['apikey', 'apiKey'],
  ['Names', 'name'],
  ['wen', 'when'],
  ['priority', null],
  ['x', null],
  ['', null],
])('%j was probably meant as %j', (word, meant) => {
  expect(nearest(word, NAMES)).toBe(meant);
});

it('has nothing to say where there is no name', () => expect(nearest('assign', [])).toBeNull());
