import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';

let folder = '';
let file = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'switchyard-credentials-'));
  file = join(folder, 'demo.env');
  writeFileSync(
    file,
    'CRM_URL=http://demo:4302/leads\nCRM_API_KEY=made\nBAD-NAME=x\nevil; echo pwned=1\nCRM_PATH=a=$(echo b)=c\n',
  );
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What a container's start script knows after it has read the demo's credentials. */
function seen(env: Readonly<Record<string, string>>): string {
  const script = `. "${join(import.meta.dirname, 'credentials.sh')}"; read_demo_credentials; echo "$CRM_URL|$CRM_API_KEY|$CRM_PATH"`;
  return execFileSync('sh', ['-c', script], {
    env: { PATH: process.env.PATH, ...env },
    encoding: 'utf8',
  }).trim();
}

it('takes what the demo made, and what is set before it', () => {
  expect(seen({ SWITCHYARD_DEMO_FILE: file })).toBe('http://demo:4302/leads|made|a=$(echo b)=c');
  expect(seen({ SWITCHYARD_DEMO_FILE: file, CRM_API_KEY: 'mine', CRM_URL: '' })).toBe(
    'http://demo:4302/leads|mine|a=$(echo b)=c',
  );
});

it('takes nothing from a demo where an installation has a Chatwoot of its own', () => {
  expect(seen({ SWITCHYARD_DEMO_FILE: file, CHATWOOT_BASE_URL: 'https://chat.example.com' })).toBe('||');
  expect(seen({})).toBe('||');
});
