import type { QueueSwitch } from '@switchyard/jobs';
import type { Logger } from '@switchyard/telemetry';
import type { FastifyInstance } from 'fastify';
import { page } from './layout.ts';
import { overviewBody, overviewLive } from './overview-page.ts';
import type { YardWatch } from './yard-watch.ts';

export interface OverviewParts {
  readonly yard: YardWatch;
  readonly queueSwitch: QueueSwitch;
  readonly queues: readonly string[];
  readonly canLogOut: boolean;
  readonly log: Logger;
}

const WITHOUT_REDIS = { config: { withoutRedis: true } };

/** `/`, what is live of it, and `POST /queues/<name>/pause` and `/resume`. */
export function serveOverview(app: FastifyInstance, parts: OverviewParts): void {
  const { yard, queueSwitch, queues, canLogOut, log } = parts;

  app.get('/', WITHOUT_REDIS, async (_request, reply) => {
    const view = await yard.look();
    return reply
      .code(view.queues === null ? 503 : 200)
      .type('text/html')
      .send(page({ title: 'Overview', tab: 'overview', canLogOut, body: overviewBody(view) }));
  });

  app.get('/overview/live', WITHOUT_REDIS, async (_request, reply) =>
    reply.type('text/html').send(overviewLive(await yard.look()).toString()),
  );

  for (const act of ['pause', 'resume'] as const) {
    app.post<{ Params: { queue: string } }>(`/queues/:queue/${act}`, async (request, reply) => {
      const { queue } = request.params;
      if (!queues.includes(queue)) return reply.code(404).send({ error: `There is no queue “${queue}”.` });
      await queueSwitch[act](queue);
      log.info({ operator: request.operator, queue }, `operator: ${act}d a queue`);
      yard.forget();
      return { message: act === 'pause' ? `${queue} is paused.` : `${queue} goes on.` };
    });
  }
}
