import { Redis } from 'ioredis';
import { eventOf } from './event.ts';
import { serve } from './server.ts';

/** No queue at all: the event is appended to a Redis stream. */
const redis = new Redis(process.env.REDIS_URL ?? '', {
  maxRetriesPerRequest: null,
  enableAutoPipelining: true,
});

await serve(async (body, headers) => {
  const event = eventOf(body, headers);
  await redis.xadd('{reference}:stream', '*', 'event', JSON.stringify(event));
});
