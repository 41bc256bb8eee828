import { expect, test } from 'vitest';
import { contentAttributesWith, readMarker } from './marker.ts';

test('a marker that was written is read again', () => {
  expect(readMarker(contentAttributesWith('reply:1187:90341'))).toBe('reply:1187:90341');
  expect(contentAttributesWith('m')).toEqual({ switchyard: 'm' });
});

test.each([
  null,
  undefined,
  'switchyard',
  [],
  {},
  { switchyard: '' },
  { switchyard: 1 },
  { switchyard: { a: 1 } },
  { switchyard: 'x'.repeat(201) },
  JSON.parse('{"__proto__":{"switchyard":"m"}}'),
])('%j holds no marker', (attributes) => {
  expect(readMarker(attributes)).toBeNull();
});
