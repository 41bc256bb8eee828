import { semanticKey } from '@switchyard/chatwoot';
import { Queue } from 'bullmq';
import { Redis } from 'ioredis';
import { eventOf } from './event.ts';
import { serve } from './server.ts';

/** What one would write first: two dedupe keys and a `Queue.add` for every request, one after the other. */
const redis = new Redis(process.env.REDIS_URL ?? '', { maxRetriesPerRequest: null });
const queue = new Queue('bot-replies', { connection: redis, prefix: '{reference}' });

await serve(async (body, headers) => {
  const event = eventOf(body, headers);
  const fresh = await redis.set(`{reference}:d:${event.delivery.id}`, 1, 'EX', 259_200, 'NX');
  const first = await redis.set(`{reference}:s:${semanticKey(event)}`, 1, 'EX', 259_200, 'NX');
  if (fresh === null || first === null) throw new Error('a duplicate');
  await queue.add(event.name, event, { jobId: event.delivery.id, attempts: 10 });
});
