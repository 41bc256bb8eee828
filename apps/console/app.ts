import { join } from 'node:path';
import fastifyCookie from '@fastify/cookie';
import fastifyHelmet from '@fastify/helmet';
import fastifyStatic from '@fastify/static';
import type { DeadJobs, QueueSwitch, RedisConnection, Stories } from '@switchyard/jobs';
import type { Logger } from '@switchyard/telemetry';
import { type FastifyInstance, fastify } from 'fastify';
import { answerErrors } from './answer-errors.ts';
import { serveBullBoard } from './bull-board.ts';
import { serveDead } from './dead-routes.ts';
import type { DeadRuns } from './dead-runs.ts';
import { guard } from './guard.ts';
import { serveLogin } from './login.ts';
import { createLoginLimit } from './login-limit.ts';
import { serveOverview } from './overview-routes.ts';
import { createSessions } from './sessions.ts';
import { serveStory } from './story-routes.ts';
import type { YardWatch } from './yard-watch.ts';

export interface ConsoleParts {
  /** null: everyone who reaches it is let in. */
  readonly password: string | null;
  readonly allowedHosts: readonly string[];
  readonly chatwootBaseUrl: string | null;
  readonly queues: readonly string[];
  readonly shards: number;
  readonly redis: RedisConnection;
  readonly yard: YardWatch;
  readonly stories: Stories;
  readonly dead: DeadJobs;
  readonly runs: DeadRuns;
  readonly queueSwitch: QueueSwitch;
  readonly log: Logger;
}

const MINUTE = 60_000;
const SESSION_MS = 12 * 60 * MINUTE;
const LOGIN = { attempts: 10, windowMs: 15 * MINUTE };

/** The console's pages; does not listen yet. */
export async function buildConsole(parts: ConsoleParts): Promise<FastifyInstance> {
  const { password, allowedHosts, log } = parts;
  const app = fastify({
    forceCloseConnections: true,
    bodyLimit: 16 * 1024,
    requestTimeout: 30_000,
    routerOptions: { maxParamLength: 500 },
  });
  // What a form of another page could send.
  app.removeContentTypeParser('text/plain');
  await app.register(fastifyHelmet, SECURITY);
  await app.register(fastifyCookie);
  const sessions = password === null ? null : createSessions({ lifetimeMs: SESSION_MS, now: Date.now });
  guard(app, { sessions, allowedHosts });
  const canLogOut = sessions !== null;
  answerErrors(app, { redis: parts.redis, canLogOut, log });
  app.addHook('onSend', async (request, reply) => {
    if (!request.url.startsWith('/assets/')) void reply.header('cache-control', 'no-store');
  });
  await app.register(fastifyStatic, {
    root: join(import.meta.dirname, 'page'),
    prefix: '/assets/',
    decorateReply: false,
  });
  if (password !== null && sessions !== null) {
    serveLogin(app, { password, sessions, limit: createLoginLimit({ ...LOGIN, now: Date.now }), log });
  }
  serveOverview(app, { ...parts, canLogOut });
  serveStory(app, { ...parts, canLogOut });
  serveDead(app, { ...parts, canLogOut });
  await serveBullBoard(app, { ...parts, canLogOut });
  return app;
}

/** Nothing but our own files, nothing inline, in nobody's frame. */
const SECURITY = {
  contentSecurityPolicy: {
    useDefaults: false,
    directives: {
      defaultSrc: ["'none'"],
      scriptSrc: ["'self'"],
      styleSrc: ["'self'"],
      imgSrc: ["'self'"],
      connectSrc: ["'self'"],
      formAction: ["'self'"],
      baseUri: ["'none'"],
      frameAncestors: ["'none'"],
    },
  },
  // Not no-referrer: a browser then sends its forms with `Origin: null`.
  referrerPolicy: { policy: 'same-origin' as const },
  // It counts for every port of the host, and the console is often reached without TLS.
  strictTransportSecurity: false,
};
