import { describe, expect, it } from 'vitest';
import { isBeginningOfId } from './trace-subject.ts';

describe('the beginning of a delivery id is told from a whole one', () => {
  it.each(['9ec97273', '9ec97273-301c', '9ec97273-301c-4070-9a4a-feb18ba7cf1'])('%s', (id) => {
    expect(isBeginningOfId(id)).toBe(true);
  });
  it.each(['9ec97273-301c-4070-9a4a-feb18ba7cf13', 'marker', 'body-0123456789abcdef0123456789abcdef'])(
    'not %s',
    (id) => {
      expect(isBeginningOfId(id)).toBe(false);
    },
  );
});
