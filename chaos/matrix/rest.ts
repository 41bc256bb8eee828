import { setTimeout as sleep } from 'node:timers/promises';
import type { FakeChatwoot } from '@switchyard/testkit';
import type { Redis } from 'ioredis';
import type { Remains } from '../history.ts';
import { lookForRemains } from '../remains.ts';

/** Nothing on its way and nothing left to do, twice in a row; or what is left when `signal` ends the wait. */
export async function awaitRest(
  chatwoot: FakeChatwoot,
  redis: Redis,
  ingressAdminUrl: string,
  signal: AbortSignal,
): Promise<Remains> {
  for (let calm = 0; ; await sleep(50)) {
    if (!signal.aborted) await Promise.race([chatwoot.idle(), sleep(10_000)]);
    const remains = await lookForRemains(redis, ingressAdminUrl);
    calm = remains.busy.length === 0 ? calm + 1 : 0;
    if (calm >= 2 || signal.aborted) return remains;
  }
}
