import { afterAll, describe, expect, test } from 'vitest';
import { spokenVersions } from '../versions.ts';
import { exceptions } from './exceptions.ts';
import { type Difference, play } from './play.ts';
import { type Recording, recordings } from './recording.ts';

const all = recordings();
const used = new Set<(typeof exceptions)[number]>();

describe.each(spokenVersions)('Chatwoot %s', (version) => {
  const own = all.filter((recording) => recording.version === version);
  test.each(own)('$name', async (recording) => {
    const { differences, calls, webhooks } = await play(recording);
    expect(calls + webhooks).toBeGreaterThan(0);
    expect(differences.filter((difference) => !isExcepted(recording, difference))).toEqual([]);
  });
});

afterAll(() => {
  const stale = exceptions.filter((exception) => !used.has(exception));
  expect(stale).toEqual([]);
});

function isExcepted({ version, name }: Recording, { call, text }: Difference): boolean {
  const found = exceptions.filter(
    (exception) =>
      exception.recording === name &&
      exception.versions.includes(version) &&
      exception.call.test(call) &&
      exception.difference.test(text),
  );
  for (const exception of found) used.add(exception);
  return found.length > 0;
}
