import { type ChatwootEvent, semanticKey } from '@switchyard/chatwoot';
import { Queue } from 'bullmq';
import { Redis } from 'ioredis';
import { eventOf } from './event.ts';
import { serve } from './server.ts';

/** The same with what one turn of the event loop brings put together: one pipeline of keys, one `addBulk`. */
const redis = new Redis(process.env.REDIS_URL ?? '', { maxRetriesPerRequest: null });
const queue = new Queue('bot-replies', { connection: redis, prefix: '{reference}' });
let turn: { readonly events: ChatwootEvent[]; readonly kept: Promise<void> } | null = null;

await serve((body, headers) => {
  turn ??= startTurn();
  turn.events.push(eventOf(body, headers));
  return turn.kept;
});

function startTurn() {
  const events: ChatwootEvent[] = [];
  const kept = new Promise((resolve) => setImmediate(resolve)).then(async () => {
    turn = null;
    const pipeline = redis.pipeline();
    for (const event of events) {
      pipeline.set(`{reference}:d:${event.delivery.id}`, 1, 'EX', 259_200, 'NX');
      pipeline.set(`{reference}:s:${semanticKey(event)}`, 1, 'EX', 259_200, 'NX');
    }
    await pipeline.exec();
    await queue.addBulk(
      events.map((event) => ({
        name: event.name,
        data: event,
        opts: { jobId: event.delivery.id, attempts: 10 },
      })),
    );
  });
  return { events, kept };
}
