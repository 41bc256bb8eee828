import { Worker } from 'bullmq';
import { Redis } from 'ioredis';
import { Agent, request } from 'undici';
import { workerSettings } from './worker-settings.ts';

/** A BullMQ worker that makes the same call and nothing else. */
const { redisUrl, effectUrl, concurrency } = workerSettings();
const connection = new Redis(redisUrl, { maxRetriesPerRequest: null });
const dispatcher = new Agent({ pipelining: 1 });

const worker = new Worker(
  'bare',
  async (job) => {
    const answer = await request(effectUrl, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'idempotency-key': job.id ?? '' },
      body: JSON.stringify({ delivery: job.id, conversation: job.data.conversation }),
      dispatcher,
    });
    await answer.body.dump();
    return { status: answer.statusCode };
  },
  {
    connection,
    prefix: '{bare}',
    concurrency,
    removeOnComplete: { age: 24 * 3600, count: 10_000 },
  },
);
await worker.waitUntilReady();
process.stdout.write('listening\n');
process.on('SIGTERM', async () => {
  await worker.close();
  process.exit(0);
});
