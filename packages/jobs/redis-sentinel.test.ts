import { startRedisSentinel } from '@switchyard/testkit';
import { expect, test, vi } from 'vitest';
import { agreeOnShards } from './shard-agreement.ts';
import { createTraffic, startWorker } from './testing-survival.ts';

// Redis replicates asynchronously: what a primary acknowledged and its replica has not got is lost with it
// (docs/operations.md). Here the traffic waits until the replica has what was acknowledged before the kill.
test('a failover under load: the worker and the ingress go on with the new primary, and what it had is done', {
  timeout: 300_000,
}, async () => {
  const sentinel = await startRedisSentinel({ downAfterMs: 3_000 });
  const [primary, replica] = sentinel.servers;
  const traffic = createTraffic(sentinel.url, { prompt: true });
  await traffic.redis.readyWithin(30_000);
  await agreeOnShards(traffic.redis, 1);
  const worker = await startWorker(traffic.work, { redisUrl: sentinel.url });
  await traffic.untilDone(await traffic.send(24), 30_000);
  // A backlog for the new primary to begin with.
  await traffic.send(200);
  await vi.waitFor(async () => expect(await traffic.redis.client.wait(1, 2_000)).toBe(1), 60_000);
  const replicated = traffic.accepted;

  let alive = 0;
  await traffic.during(
    (async () => {
      await primary.kill('SIGKILL');
      alive = traffic.accepted.length;
      await vi.waitFor(async () => expect(await sentinel.primaryPort()).toBe(replica.port), {
        timeout: 60_000,
        interval: 50,
      });
    })(),
  );
  await traffic.untilDone(await traffic.send(24), 60_000);
  await traffic.untilDone([...replicated, ...traffic.accepted.slice(alive)], 75_000);
  await vi.waitFor(async () => expect(await traffic.unsettled()).toBe(0), { timeout: 30_000 });
  await worker.close();
  await traffic.close();
  await sentinel.close();
});
