import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { createTerminal } from './terminal.ts';

test('U+009B and U+202E reach no terminal through --json, and the JSON stays the same', () => {
  const output = new PassThrough();
  const terminal = createTerminal({ input: new PassThrough(), output, errors: new PassThrough() }, true);
  const value = { text: 'a\u009b2Jb\u202ec\u2028d\u{e0041}é' };
  terminal.result(value, () => {});
  const written = String(output.read());
  expect(written).not.toMatch(/[\u007f-\u009f\u2028\u2029\p{Cf}]/u);
  expect(written).toContain('é');
  expect(JSON.parse(written)).toEqual(value);
});
