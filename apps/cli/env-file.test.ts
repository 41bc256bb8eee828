import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { envValue, readEnvFile, withEnv, writeEnvFile } from './env-file.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'switchyard-cli-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

test.each([
  ['', { A: '1' }, 'A=1\n'],
  ['B=2', { A: '1' }, 'B=2\nA=1\n'],
  ['# note\nA=old\nB=2\n', { A: '1' }, '# note\nA=1\nB=2\n'],
  ['A=first\nexport A="second"\n', { A: '1' }, 'A=first\nA=1\n'],
  ['AA=2\n', { A: '1', C: '3' }, 'AA=2\nA=1\nC=3\n'],
])('%j with %j is %j', (text, variables, expected) => {
  expect(withEnv(text, variables)).toBe(expected);
});

test.each([
  ['A=1', '1'],
  ['A = "a b" ', 'a b'],
  ["export A='x'", 'x'],
  ['A=1\nA=2', '2'],
  ['#A=1', null],
  ['', null],
])('in %j, A is %j', (text, value) => {
  expect(envValue(text, 'A')).toBe(value);
});

test('a new file is its owner’s alone, an old one keeps its mode, and nothing else is left', async () => {
  const path = join(folder, '.env');
  await writeEnvFile(path, 'A=1\n');
  expect(statSync(path).mode & 0o777).toBe(0o600);
  chmodSync(path, 0o640);
  await writeEnvFile(path, 'A=2\n');
  expect(readFileSync(path, 'utf8')).toBe('A=2\n');
  expect(statSync(path).mode & 0o777).toBe(0o640);
  expect(readdirSync(folder)).toEqual(['.env']);
});

test('a missing file is empty, one that can not be read or written is told by name', async () => {
  expect(await readEnvFile(join(folder, 'none'))).toBe('');
  await expect(readEnvFile(folder)).rejects.toThrow(`--write-env: ${folder} can't be read`);
  writeFileSync(join(folder, 'file'), '');
  await expect(writeEnvFile(join(folder, 'file', 'x'), '')).rejects.toThrow("can't be written");
});
