import { setTimeout as sleep } from 'node:timers/promises';
import { createBullBoard } from '@bull-board/api';
import { BullMQAdapter } from '@bull-board/api/bullMQAdapter';
import { FastifyAdapter } from '@bull-board/fastify';
import { findKeptJob, type RedisConnection } from '@switchyard/jobs';
import { Queue } from 'bullmq';
import type { FastifyInstance } from 'fastify';
import { html } from './html.ts';
import { page } from './layout.ts';
import { maskJobData } from './mask.ts';

export interface BullBoardParts {
  readonly redis: RedisConnection;
  readonly queues: readonly string[];
  readonly shards: number;
  readonly canLogOut: boolean;
}

const PATH = '/jobs';
const CLOSE_MS = 500;

/**
 * Its page needs style elements of its own. Its font would come from elsewhere; the system's does as well.
 */
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self'; " +
  "connect-src 'self'; base-uri 'self'; form-action 'none'; frame-ancestors 'none'";
const FOREIGN_FONT = /<link href="https?:[^>]*>/g;

/**
 * Bull-Board under /jobs, to look at every job of every queue, and to nothing else: what its buttons would do goes
 * round the lanes and the ledger. Nobody's data is shown there.
 */
export async function serveBullBoard(app: FastifyInstance, parts: BullBoardParts): Promise<void> {
  const { redis, queues, shards, canLogOut } = parts;
  const handles = queues.flatMap((name) =>
    Array.from({ length: shards }, (_, shard) => {
      const queue = new Queue(name, {
        connection: redis.client,
        prefix: `{switchyard:${shard}}`,
        skipMetasUpdate: true,
        // Else one that is made in the moment a connection is lost never works (BullMQ 6.7, RedisConnection.init).
        skipVersionCheck: true,
      });
      queue.on('error', () => {}); // The page that asks is told.
      return { queue, name, shard };
    }),
  );
  const serverAdapter = new FastifyAdapter();
  serverAdapter.setBasePath(PATH);
  createBullBoard({
    serverAdapter,
    queues: handles.map(({ queue, name, shard }) => adapterOf(queue, { name, shard, shards })),
    options: {
      uiConfig: {
        boardTitle: 'Switchyard jobs',
        boardLogo: { path: '/assets/icon.svg', width: 30, height: 30 },
        favIcon: { default: '/assets/icon.svg', alternative: '/assets/icon.svg' },
        miscLinks: [{ text: 'Back to the console', url: '/' }],
        hideRedisDetails: true,
      },
    },
  });
  await app.register(async (scope) => {
    scope.addHook('onRequest', async ({ method }, reply) =>
      method === 'GET' || method === 'HEAD'
        ? undefined
        : reply
            .code(405)
            .send({ error: 'Jobs are only looked at here. Redrive and discard them under Dead jobs.' }),
    );
    scope.addHook('onSend', async (_request, reply, payload) => {
      void reply.header('content-security-policy', POLICY);
      return typeof payload === 'string' && String(reply.getHeader('content-type')).startsWith('text/html')
        ? payload.replace(FOREIGN_FONT, '')
        : payload;
    });
    await scope.register(serverAdapter.registerPlugin(), { prefix: PATH });
  });

  app.get<{ Params: { queue: string; jobId: string } }>('/job/:queue/:jobId', async (request, reply) => {
    const { queue, jobId } = request.params;
    const kept = queues.includes(queue) ? await findKeptJob(redis, { queue, jobId, shards }) : null;
    if (kept !== null) {
      const board = nameOf({ name: queue, shard: kept.shard, shards });
      return reply.redirect(`${PATH}/queue/${encodeURIComponent(board)}/${encodeURIComponent(jobId)}`, 303);
    }
    const body = html`<section class="panel note"><h1>Not with BullMQ</h1><p>Job ${jobId} of ${queue} is done, was
      discarded, or waits behind another job of its lane. Its story may still be known.</p></section>`;
    return reply
      .code(404)
      .type('text/html')
      .send(page({ title: 'Job', tab: null, canLogOut, body }));
  });
  app.addHook('onClose', async () => {
    // While Redis is away this ends only when the connection is closed, right after.
    await Promise.race([
      Promise.allSettled(handles.map(({ queue }) => queue.close())),
      sleep(CLOSE_MS, undefined, { ref: false }),
    ]);
  });
}

interface Place {
  readonly name: string;
  readonly shard: number;
  readonly shards: number;
}

function adapterOf(queue: Queue, place: Place): BullMQAdapter {
  const adapter = new BullMQAdapter(queue, {
    readOnlyMode: true,
    prefix: prefixOf(place),
    description: 'To redrive or discard dead jobs, go to Dead jobs in the console.',
  });
  adapter.setFormatter('data', maskJobData);
  adapter.setFormatter('returnValue', () => null);
  adapter.setFormatter('progress', () => 0);
  return adapter;
}

/** Its name on the board, which is also in its address. */
function nameOf(place: Place): string {
  return `${prefixOf(place)}${place.name}`;
}

function prefixOf({ shard, shards }: Place): string {
  return shards === 1 ? '' : `shard ${shard} · `;
}
