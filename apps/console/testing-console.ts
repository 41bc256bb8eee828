import {
  connectRedis,
  createBotSwitch,
  createDeadJobs,
  createQueueMonitor,
  createQueueSwitch,
  createStories,
  type DeadJobs,
  knownShards,
  readRedisHealth,
} from '@switchyard/jobs';
import { createLogger } from '@switchyard/telemetry';
import type { FastifyInstance, InjectOptions, LightMyRequestResponse } from 'fastify';
import { buildConsole } from './app.ts';
import { createDeadRuns } from './dead-runs.ts';
import { watchYard } from './yard-watch.ts';

export const PASSWORD = 'correct horse battery';
const ORIGIN = 'http://localhost:3001';

/** A console that does not listen, and a browser of sorts that is logged in to it. */
export interface TestConsole {
  readonly app: FastifyInstance;
  readonly cookie: string;
  /** What it logged, as JSON lines. */
  logged(): string[];
  get(url: string, headers?: Record<string, string>): Promise<LightMyRequestResponse>;
  /** As the pages' own script does. */
  act(url: string, body?: object, headers?: Record<string, string>): Promise<LightMyRequestResponse>;
  close(): Promise<void>;
}

interface Over {
  readonly password?: string | null;
  readonly allowedHosts?: readonly string[];
  readonly chatwootBaseUrl?: string | null;
  readonly shards?: number;
  readonly wrapDead?: (dead: DeadJobs) => DeadJobs;
}

export async function openTestConsole(redisUrl: string, over: Over = {}): Promise<TestConsole> {
  const { password = PASSWORD, allowedHosts = [], chatwootBaseUrl = null, shards = 1, wrapDead } = over;
  const lines: string[] = [];
  const log = createLogger({
    app: 'console',
    level: 'info',
    pretty: false,
    destination: { write: (line) => void lines.push(line) },
  });
  const redis = connectRedis({ url: redisUrl, log, temper: 'prompt', commandTimeoutMs: 2_000 });
  await redis.readyWithin(10_000);
  const queues = ['crm-sync', 'bot-replies', 'routing', 'vip-alerts'];
  const monitor = createQueueMonitor({ redis, shards, custom: ['vip-alerts'] });
  const yard = watchYard({
    monitor,
    redisHealth: () => readRedisHealth(redis, { url: redisUrl, limitMs: 1_000 }),
    shards: { told: shards, known: () => knownShards(redis) },
    bot: createBotSwitch(redis).read,
    freshMs: 0,
  });
  const plain = createDeadJobs({ redis, shards, queues });
  const dead = wrapDead?.(plain) ?? plain;
  const runs = createDeadRuns({ dead, log });
  const app = await buildConsole({
    password,
    allowedHosts,
    chatwootBaseUrl,
    queues,
    shards,
    redis,
    yard,
    stories: createStories({ redis, shards, queues }),
    dead,
    runs,
    queueSwitch: createQueueSwitch({ redis, shards, queues }),
    log,
  });
  const cookie = password === null ? '' : await logIn(app, password);

  const request = (options: InjectOptions, headers: Record<string, string>) =>
    app.inject({ ...options, headers: { host: 'localhost:3001', cookie, accept: 'text/html', ...headers } });
  return {
    app,
    cookie,
    logged: () => lines,
    get: (url, headers = {}) => request({ method: 'GET', url }, headers),
    act: (url, body = {}, headers = {}) =>
      request(
        { method: 'POST', url, payload: body },
        { origin: ORIGIN, 'sec-fetch-site': 'same-origin', 'x-switchyard-console': '1', ...headers },
      ),
    async close() {
      await app.close();
      await runs.close();
      await monitor.close();
      await redis.close();
    },
  };
}

async function logIn(app: FastifyInstance, password: string): Promise<string> {
  const answer = await tryPassword(app, password);
  const [cookie] = answer.cookies;
  return cookie === undefined ? '' : `${cookie.name}=${cookie.value}`;
}

export function tryPassword(
  app: FastifyInstance,
  password: string,
  { headers = {}, next = '/' }: { headers?: Record<string, string>; next?: string } = {},
): Promise<LightMyRequestResponse> {
  return app.inject({
    method: 'POST',
    url: '/login',
    headers: {
      host: 'localhost:3001',
      origin: ORIGIN,
      'content-type': 'application/x-www-form-urlencoded',
      ...headers,
    },
    payload: new URLSearchParams({ password, next }).toString(),
  });
}
