import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { keepCredentials } from './demo-credentials.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'switchyard-demo-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

it('makes credentials once, each at random, and keeps them for the next start', async () => {
  const file = join(folder, 'demo.env');
  const first = await keepCredentials(file);
  const second = await keepCredentials(file);
  expect(second.credentials).toEqual(first.credentials);
  expect([first.starts, second.starts]).toEqual([0, 1]);
  const { CHATWOOT_WEBHOOK_SECRET, CONSOLE_PASSWORD } = first.credentials;
  expect(CHATWOOT_WEBHOOK_SECRET).toMatch(/^[0-9a-f]{32}$/);
  expect(CONSOLE_PASSWORD).not.toBe(CHATWOOT_WEBHOOK_SECRET);
  const other = await keepCredentials(join(folder, 'other.env'));
  expect(other.credentials.CHATWOOT_WEBHOOK_SECRET).not.toBe(CHATWOOT_WEBHOOK_SECRET);
});

it('writes lines that a shell can read, for containers of other users', async () => {
  const file = join(folder, 'demo.env');
  const { credentials } = await keepCredentials(file);
  const text = await readFile(file, 'utf8');
  for (const [name, value] of Object.entries(credentials)) expect(text).toContain(`${name}=${value}\n`);
  expect((await stat(file)).mode & 0o777).toBe(0o644);
});
