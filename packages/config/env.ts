import { z } from 'zod';
import { ConfigError } from './error.ts';

/** An unset variable and an empty one are the same: compose files and CI set empty ones. */
const blankIsUnset = (value: unknown) =>
  typeof value === 'string' && value.trim() === '' ? undefined : value;

const text = z.preprocess(blankIsUnset, z.string().trim().optional());

function url(protocols: readonly string[], example: string) {
  return z.preprocess(
    blankIsUnset,
    z
      .string()
      .trim()
      .refine((value) => protocols.includes(URL.parse(value)?.protocol ?? ''), {
        error: `not a URL of the form ${example}`,
      })
      .optional(),
  );
}

function whole(minimum: number, maximum: number, fallback: number) {
  return z.preprocess(
    blankIsUnset,
    z.coerce
      .number({ error: 'not a number' })
      .int({ error: 'not a whole number' })
      .min(minimum, { error: `at least ${minimum}` })
      .max(maximum, { error: `at most ${maximum}` })
      .default(fallback),
  );
}

const list = z.preprocess(
  blankIsUnset,
  z
    .string()
    .transform((value) => value.split(',').map((part) => part.trim()))
    .refine((parts) => parts.every((part) => part.length >= 8), {
      error: 'each of the comma-separated secrets has at least 8 characters; copy them from Chatwoot whole',
    })
    .optional(),
);

const webAddress = url(['http:', 'https:'], 'https://host');

const envSchema = z.object({
  REDIS_URL: url(['redis:', 'rediss:'], 'redis://host:6379 (or rediss:// for TLS)').transform(
    (value) => value ?? 'redis://127.0.0.1:6379',
  ),
  SWITCHYARD_CONFIG: text,
  CHATWOOT_BASE_URL: webAddress.transform((value) => value?.replace(/\/+$/, '')),
  CHATWOOT_API_TOKEN: text,
  CHATWOOT_BOT_TOKEN: text,
  CHATWOOT_WEBHOOK_SECRET: list,
  CRM_URL: webAddress.transform((value) => value?.replace(/\/+$/, '')),
  CRM_API_KEY: text,
  CUSTOMERS_DATABASE_URL: url(['postgres:', 'postgresql:'], 'postgres://user:password@host/database'),
  HOST: z.preprocess(blankIsUnset, z.string().default('0.0.0.0')),
  PORT: whole(0, 65_535, 3000),
  ADMIN_PORT: whole(0, 65_535, 9100),
  SPOOL_DIR: z.preprocess(blankIsUnset, z.string().default('./data/spool')),
  CONCURRENCY: z.preprocess(
    blankIsUnset,
    z.coerce
      .number({ error: 'not a number' })
      .int({ error: 'not a whole number' })
      .min(1)
      .max(1000)
      .optional(),
  ),
  SHUTDOWN_TIMEOUT_MS: whole(0, 600_000, 25_000),
  LOG_LEVEL: z.preprocess(
    blankIsUnset,
    z
      .enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'], {
        error: 'one of fatal, error, warn, info, debug, trace, silent',
      })
      .default('info'),
  ),
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
