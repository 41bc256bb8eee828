import { emptyRedis } from '@switchyard/testkit';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import type { AttackName } from './attacks.ts';
import { type Besieged, besiege } from './besieged.ts';
import { siege } from './siege.ts';

/** `npm run hostile` does the same at full size. */
let ingress: Besieged;
beforeAll(async () => {
  ingress = await besiege(await emptyRedis(inject('redisUrl')), { connections: 400, lagMs: 60_000 });
});
afterAll(() => ingress?.close());

const short: readonly (readonly [AttackName, size: number])[] = [
  ['unfinished-bodies', 120],
  ['unsigned-bodies', 120],
  ['crumbs', 100],
  ['slow-bodies', 500],
  ['slow-headers', 500],
  ['idle-connections', 450],
  ['silent-connections', 450],
  ['unsigned-requests', 3_000],
  ['forged-requests', 3_000],
  ['gzip', 1_000],
];
test.each(short)(
  '%s of %i strangers cost no signed delivery, and memory stays bounded',
  async (attack, size) => {
    const seen = await siege(ingress, attack, size, 6_000);
    process.stdout.write(`${JSON.stringify(seen)}\n`);
    expect(seen.lost).toEqual([]);
    expect(seen.sent).toBeGreaterThan(5);
    expect(seen.peakMb - seen.beforeMb).toBeLessThan(200);
  },
);
