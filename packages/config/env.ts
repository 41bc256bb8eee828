import { z } from 'zod';
import { ConfigError } from './error.ts';
import { parseRedisUrl } from './redis-url.ts';

const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;

const webAddress = url(['http:', 'https:'], 'https://host');

/** The environment of design.md §4. The descriptions stand in docs/configuration.md. */
export const envSchema = z.object({
  REDIS_URL: redisUrl()
    .transform((value) => value ?? 'redis://127.0.0.1:6379')
    .describe(
      'Every app: the Redis that holds the queues. `rediss://` for TLS; ' +
        '`redis+sentinel://host:26379,host:26379/name` and `redis+cluster://host:6379,host:6379` for more than one.',
    ),
  SWITCHYARD_CONFIG: text().describe(
    'Every app: the config file, relative to the working directory. Without it, `./switchyard.config.ts` is ' +
      'read if it is there.',
  ),
  CHATWOOT_BASE_URL: webAddress
    .transform((value) => value?.replace(/\/+$/, ''))
    .describe('The workers: the address of Chatwoot, for API calls and for links to conversations.'),
  CHATWOOT_API_TOKEN: text().describe(
    "routing, and bot-replies unless `CHATWOOT_BOT_TOKEN` is set: a user's access token for Chatwoot's API.",
  ),
  CHATWOOT_BOT_TOKEN: text().describe('bot-replies: an agent bot’s access token, used for replies when set.'),
  CHATWOOT_WEBHOOK_SECRET: secretList().describe(
    'ingress: the secrets of the `default` source, comma-separated, unless the config file describes ' +
      '`sources.default` itself. Each has at least 8 characters.',
  ),
  CRM_URL: webAddress.describe(
    'crm-sync: where new leads are posted, unless the config file gives `crm.url`.',
  ),
  CRM_API_KEY: text().describe('crm-sync: sent as bearer token, unless the config file gives `crm.apiKey`.'),
  CUSTOMERS_DATABASE_URL: databaseUrl().describe(
    'routing: the Postgres with customer records; needed when `routing.customers` is set.',
  ),
  HOST: text()
    .transform((value) => value ?? '0.0.0.0')
    .describe('Every app: the address to listen on, for `PORT` and `ADMIN_PORT` alike.'),
  PORT: whole(0, 65_535, 3000).describe('ingress: where webhooks are posted.'),
  ADMIN_PORT: whole(0, 65_535, 9100).describe(
    'Every app: `GET /metrics`, `/healthz`, `/readyz`. Apps on one machine need different ones; 0 takes a free one.',
  ),
  SPOOL_DIR: text()
    .transform((value) => value ?? './data/spool')
    .describe('ingress: the folder of the spool.'),
  CONCURRENCY: whole(1, 1000).describe(
    'A worker: jobs worked on at a time. Without it, each queue has its own number.',
  ),
  SHARDS: whole(1, 1000, 1).describe(
    'Every app: over how many shards the queues are spread. All processes of an installation say the same.',
  ),
  SHUTDOWN_TIMEOUT_MS: whole(0, 600_000, 25_000).describe(
    'Every app: how long work in hand may take after SIGTERM or SIGINT.',
  ),
  LOG_LEVEL: z
    .preprocess(
      blankIsUnset,
      z.enum(LOG_LEVELS, { error: `expected one of ${LOG_LEVELS.join(', ')}` }).default('info'),
    )
    .describe(`Every app: one of ${LOG_LEVELS.join(', ')}.`),
});

export type Env = z.output<typeof envSchema>;

/**
 * Reads the environment of design.md §4. Unknown variables are none of our business.
 *
 * @throws {ConfigError} one line a variable. Values are never echoed: they may hold passwords.
 */
export function readEnv(env: NodeJS.ProcessEnv): Env {
  const checked = envSchema.safeParse(env);
  if (checked.success) return checked.data;
  throw new ConfigError(checked.error.issues.map((issue) => `${String(issue.path[0])}: ${issue.message}`));
}

/** An unset variable and an empty one are the same: compose files and CI set empty ones. */
function blankIsUnset(value: unknown): unknown {
  return typeof value === 'string' && value.trim() === '' ? undefined : value;
}

function text() {
  return z.preprocess(blankIsUnset, z.string().trim().optional());
}

function url(protocols: readonly string[], example: string) {
  return checkedText((value) => {
    const parsed = URL.parse(value);
    return parsed !== null && protocols.includes(parsed.protocol) && parsed.hostname !== '';
  }, `expected a URL such as ${example}`);
}

function redisUrl() {
  const check = z
    .string()
    .trim()
    .superRefine((value, context) => {
      try {
        parseRedisUrl(value);
      } catch (error) {
        context.addIssue({ code: 'custom', message: error instanceof Error ? error.message : 'not usable' });
      }
    });
  return z.preprocess(blankIsUnset, check.optional());
}

/** Postgres can be reached through a socket, so a URL of it need not name a host. */
function databaseUrl() {
  return checkedText(
    (value) => ['postgres:', 'postgresql:'].includes(URL.parse(value)?.protocol ?? ''),
    'expected a URL such as postgres://user:password@host/database',
  );
}

function checkedText(fits: (value: string) => boolean, error: string) {
  return z.preprocess(blankIsUnset, z.string().trim().refine(fits, { error }).optional());
}

function whole(minimum: number, maximum: number): z.ZodType<number | undefined>;
function whole(minimum: number, maximum: number, fallback: number): z.ZodType<number>;
function whole(minimum: number, maximum: number, fallback?: number): z.ZodType<number | undefined> {
  const fits = (value: string) =>
    /^\d{1,9}$/.test(value) && Number(value) >= minimum && Number(value) <= maximum;
  return checkedText(fits, `expected a whole number from ${minimum} to ${maximum}`).transform((value) =>
    value === undefined ? fallback : Number(value),
  );
}

function secretList() {
  return z.preprocess(
    blankIsUnset,
    z
      .string()
      .transform((value) => value.split(',').map((part) => part.trim()))
      .refine((parts) => parts.every((part) => part.length >= 8), {
        error:
          'expected secrets of at least 8 characters, separated by commas; copy them from Chatwoot whole',
      })
      .optional(),
  );
}
