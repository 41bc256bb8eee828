import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { secretVariables } from './connect/secrets.ts';
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

describe('where the secrets go', () => {
  const place = {
    source: 'default',
    configured: { kind: 'account' as const, secrets: ['known-secret'] },
    inFile: false,
    written: '',
    secrets: ['fresh-secret'],
    botToken: null,
  };

  test.each([
    ['beside those that are there', {}, { CHATWOOT_WEBHOOK_SECRET: 'known-secret,fresh-secret' }, false],
    ['nowhere when they are there', { secrets: ['known-secret'] }, {}, false],
    [
      'alone when there are none',
      { configured: undefined },
      { CHATWOOT_WEBHOOK_SECRET: 'fresh-secret' },
      false,
    ],
    [
      'beside those of the file that is written',
      { written: 'CHATWOOT_WEBHOOK_SECRET=of-the-file\n' },
      { CHATWOOT_WEBHOOK_SECRET: 'of-the-file,fresh-secret' },
      false,
    ],
    [
      'nowhere when the file that is written has them',
      { written: 'CHATWOOT_WEBHOOK_SECRET=fresh-secret\n' },
      {},
      false,
    ],
    [
      'into a variable of its own for another source, which the config file has to read',
      { source: 'shop-two', configured: undefined },
      { CHATWOOT_WEBHOOK_SECRET_SHOP_TWO: 'fresh-secret' },
      true,
    ],
    [
      'also into the config file when that describes the default source',
      { inFile: true },
      { CHATWOOT_WEBHOOK_SECRET: 'known-secret,fresh-secret' },
      true,
    ],
    [
      "with the bot's token",
      { botToken: 'token' },
      { CHATWOOT_WEBHOOK_SECRET: 'known-secret,fresh-secret', CHATWOOT_BOT_TOKEN: 'token' },
      false,
    ],
    ['nowhere when Chatwoot gave none', { secrets: [] }, {}, false],
  ])('%s', (_name, over, env, needsFile) => {
    const found = secretVariables({ ...place, ...over });
    expect(found.env).toEqual(env);
    expect(found.configFile !== null).toBe(needsFile);
  });
});
