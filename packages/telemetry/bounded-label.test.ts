import { expect, it } from 'vitest';
import { createBoundedLabel } from './bounded-label.ts';

it('a label keeps the values it knows, and calls further ones other', () => {
  const label = createBoundedLabel(2);
  expect(['rule:a', 'rule:b', 'rule:c', 'rule:a', 'rule:d'].map(label)).toEqual([
    'rule:a',
    'rule:b',
    'other',
    'rule:a',
    'other',
  ]);
});
