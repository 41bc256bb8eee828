import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { FEATURES, RECORDED_VERSIONS } from './features.ts';

const page = readFileSync(new URL('../../../docs/chatwoot-versions.md', import.meta.url), 'utf8');

test('docs/chatwoot-versions.md has each row of the table, with its release', () => {
  const rows = Object.values(FEATURES).map((feature) => {
    const absent = 'absentIn' in feature ? ` (not yet in ${feature.absentIn})` : '';
    return `| ${feature.what} | ${feature.since}${absent} |`;
  });
  expect(rows.filter((row) => !page.includes(row))).toEqual([]);
  for (const version of RECORDED_VERSIONS) expect(page).toContain(version);
});
