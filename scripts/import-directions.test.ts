import { expect, test } from 'vitest';
import { faultOf, importFaults } from './import-directions.ts';

test.each([
  ['apps/ingress/main.ts', '@switchyard/jobs', null],
  ['apps/ingress/main.ts', './app.ts', null],
  ['apps/ingress/main.ts', '@switchyard/routing', 'imports the app routing'],
  ['apps/ingress/main.ts', '../routing/worker.ts', "across a package's border"],
  ['apps/ingress/main.ts', '@switchyard/testkit', 'imports the testkit'],
  ['apps/ingress/app.test.ts', '@switchyard/testkit', null],
  ['apps/sandbox/main.ts', '@switchyard/testkit', null],
  ['packages/jobs/worker.ts', '@switchyard/chatwoot', null],
  ['packages/chatwoot/client.ts', '@switchyard/jobs', 'may not import jobs'],
  ['packages/telemetry/log.ts', '@switchyard/config', 'may not import config'],
  ['packages/jobs/worker.ts', 'bullmq', null],
])('%s importing %s → %s', (file, imported, fault) => {
  const found = faultOf(file, imported);
  if (fault === null) expect(found).toBeNull();
  else expect(found).toContain(fault);
});

test('all imports of this repository point the right way', () => {
  expect(importFaults(process.cwd())).toEqual([]);
});
