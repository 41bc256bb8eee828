import { z } from 'zod';
import { blankIsUnset } from './blank.ts';
import { ConfigError } from './error.ts';
import { parseRedisUrl } from './redis-url.ts';
import { consoleAuth, consoleHosts, consolePassword } from './schema-console.ts';
import { proxyNetwork } from './schema-ingress.ts';
import { pathTokenSchema } from './schema-sources.ts';
import { webhookSecretFault } from './webhook-secret.ts';

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
    'Every app: the config file, relative to the working directory. Without it, ' +
      '`config/switchyard.config.ts` is read if it is there, else `switchyard.config.ts`, the example.',
  ),
  CHATWOOT_BASE_URL: webAddress
    .transform((value) => value?.replace(/\/+$/, ''))
    .describe('The workers: the address of Chatwoot, for API calls and for links to conversations.'),
  CHATWOOT_ACCOUNT: whole(1, 999_999_999).describe(
    'ingress and the workers: the Chatwoot account of the `default` source, and of `CHATWOOT_UNSIGNED_TOKEN`’s. Chatwoot before 4.14.2 does not name it ' +
      'in every event; without it, it is the only account that `CHATWOOT_API_TOKEN` sees.',
  ),
  CHATWOOT_API_TOKEN: text().describe(
    "routing, bot-replies, healer, and custom-workers that use `context.chatwoot`: a user's access token for Chatwoot's " +
      'API. Everything is read with it. Optional for crm-sync and ingress: for the account of a source that names none.',
  ),
  CHATWOOT_BOT_TOKEN: text().describe(
    'bot-replies, healer: an agent bot’s access token. When set, replies, handoffs and assignments are written as the bot; ' +
      "it can't read, so it never stands in for `CHATWOOT_API_TOKEN`. It also tells that bot from another's.",
  ),
  CHATWOOT_WEBHOOK_SECRET: secretList().describe(
    'ingress: the secrets of the `default` source, comma-separated, unless the config file describes ' +
      '`sources.default` itself. Each has at least 16 characters; Chatwoot makes them.',
  ),
  CHATWOOT_UNSIGNED_TOKEN: pathToken().describe(
    'ingress: makes the source `unsigned`, for a Chatwoot that does not sign its webhooks; the last part of their ' +
      'address, `/webhooks/chatwoot/unsigned/<token>`. `switchyard connect` makes it; docs/chatwoot-versions.md says when.',
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
    .describe('ingress: the address to listen on, for `PORT`.'),
  PORT: whole(0, 65_535, 3000).describe('ingress: where webhooks are posted.'),
  ADMIN_PORT: whole(0, 65_535, 9100).describe(
    'Every app: `GET /metrics`, `/healthz`, `/readyz`. Apps on one machine need different ones; 0 takes a free one.',
  ),
  TRUST_PROXY: proxyNetworks().describe(
    'ingress: the proxies before it whose X-Forwarded-For is believed, comma-separated, unless the config file gives ' +
      '`ingress.trustProxy`: addresses, networks, or `loopback`, `uniquelocal`.',
  ),
  ADMIN_HOST: text()
    .transform((value) => value ?? '127.0.0.1')
    .describe(
      'Every app: the address to listen on, for `ADMIN_PORT`. The image sets `0.0.0.0`, for the network of its containers.',
    ),
  SPOOL_DIR: text()
    .transform((value) => value ?? './data/spool')
    .describe('ingress: the folder of the spool.'),
  CONSOLE_HOST: text()
    .transform((value) => value ?? '127.0.0.1')
    .describe(
      'console: the address its pages listen on. They are for operators: keep them off the public network.',
    ),
  CONSOLE_PORT: whole(0, 65_535, 3001).describe('console: the port of its pages; 0 takes a free one.'),
  CONSOLE_PASSWORD: consolePassword(),
  CONSOLE_AUTH: consoleAuth(),
  CONSOLE_ALLOWED_HOSTS: consoleHosts(),
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
  OTEL_EXPORTER_OTLP_ENDPOINT: text().describe(
    'Every app: an OpenTelemetry collector, such as `http://collector:4318`; turns tracing on. See docs/tracing.md, ' +
      'also for the variables that OpenTelemetry reads itself.',
  ),
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: text().describe(
    'Every app: the same for traces alone, with the path: `http://collector:4318/v1/traces`.',
  ),
  OTEL_EXPORTER_OTLP_PROTOCOL: text().describe('Every app: `http/protobuf`, or not set.'),
  OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: text().describe('Every app: the same for traces alone.'),
  OTEL_TRACES_EXPORTER: text().describe(
    'Every app: `otlp`, `console` (a line of the log for each span) or `none`.',
  ),
  OTEL_TRACES_SAMPLER: text().describe(
    'Every app: which deliveries are traced; all of them (`parentbased_always_on`) unless set.',
  ),
  OTEL_TRACES_SAMPLER_ARG: text().describe(
    'Every app: the share of them, from 0 to 1, for `parentbased_traceidratio` and `traceidratio`.',
  ),
  OTEL_SDK_DISABLED: text().describe('Every app: `true` turns tracing off, whatever else is set.'),
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

function pathToken() {
  return z.preprocess(blankIsUnset, pathTokenSchema.optional());
}

function proxyNetworks() {
  const list = z
    .string()
    .transform((value) => value.split(',').map((part) => part.trim()))
    .pipe(z.array(proxyNetwork));
  return z.preprocess(blankIsUnset, list.optional());
}

function secretList() {
  const list = z
    .string()
    .transform((value) => value.split(',').map((part) => part.trim()))
    .superRefine((parts, context) => {
      const fault = parts.map(webhookSecretFault).find((each) => each !== null);
      if (fault !== undefined)
        context.addIssue({ code: 'custom', message: `${fault}; several are separated by commas` });
    });
  return z.preprocess(blankIsUnset, list.optional());
}
