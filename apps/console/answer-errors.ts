import type { RedisConnection } from '@switchyard/jobs';
import type { Logger } from '@switchyard/telemetry';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { wantsPage } from './guard.ts';
import { type Html, html } from './html.ts';
import { page } from './layout.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** This can be answered while Redis is away. */
    withoutRedis?: boolean;
  }
}

export interface ErrorParts {
  readonly redis: RedisConnection;
  readonly canLogOut: boolean;
  readonly log: Logger;
}

const RETRY_S = 3;

/** What is answered when there is no such page, when something was asked wrongly, and when Redis is away. */
export function answerErrors(app: FastifyInstance, { redis, canLogOut, log }: ErrorParts): void {
  const answer = (request: FastifyRequest, reply: FastifyReply, status: number, words: string) =>
    wantsPage(request)
      ? reply
          .code(status)
          .type('text/html')
          .send(page({ title: TITLES[status] ?? 'Error', tab: null, canLogOut, body: note(status, words) }))
      : reply.code(status).send({ error: words });

  // BullMQ waits for a connection for as long as it takes; whoever asks does not.
  app.addHook('preHandler', async ({ operator, routeOptions }) => {
    const needed = operator !== null && routeOptions.config.withoutRedis !== true;
    if (needed && redis.client.status !== 'ready') throw new Error('Redis is away');
  });
  app.setNotFoundHandler((request, reply) => answer(request, reply, 404, 'There is no such page.'));
  app.setErrorHandler((error, request, reply) => {
    if (error instanceof z.ZodError || error instanceof RangeError) {
      return answer(request, reply, 400, 'That was not understood.');
    }
    const status = error instanceof Error && 'statusCode' in error ? Number(error.statusCode) : 500;
    if (status < 500) return answer(request, reply, status, error instanceof Error ? error.message : 'no');
    if (redis.client.status !== 'ready' || isRedisSilence(error)) {
      void reply.header('retry-after', RETRY_S).header('refresh', RETRY_S);
      return answer(
        request,
        reply,
        503,
        'Redis does not answer. This page comes back by itself when it does.',
      );
    }
    log.error({ err: error, path: request.routeOptions.url }, 'a page could not be answered');
    return answer(request, reply, 500, 'Something went wrong; the log of the console says what.');
  });
}

/** ioredis has no codes for its own errors. */
function isRedisSilence(error: unknown): boolean {
  return (
    error instanceof Error &&
    /Command timed out|Connection is closed|Stream isn't writeable|max retries per request|Socket timeout|ClusterAllFailed|CLUSTERDOWN|LOADING/i.test(
      `${error.name} ${error.message}`,
    )
  );
}

const TITLES: Readonly<Record<number, string>> = {
  400: 'Not understood',
  404: 'Not found',
  503: 'Redis is away',
};

function note(status: number, words: string): Html {
  return html`<section class="panel note" data-status="${status}"><h1>${TITLES[status] ?? 'Error'}</h1><p>${words}</p></section>`;
}
