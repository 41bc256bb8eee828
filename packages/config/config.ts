import { type Env, readEnv } from './env.ts';
import { ConfigError } from './error.ts';
import { loadFile } from './file.ts';
import type { FileConfig } from './schema.ts';
import type { BotConfig } from './schema-bot.ts';
import { missingConsoleAuth } from './schema-console.ts';
import { type CrmConfig, crmSchema } from './schema-crm.ts';
import type { IngressSettings } from './schema-ingress.ts';
import type { BuiltInQueue } from './schema-queues.ts';
import type { RoutingConfig } from './schema-routing.ts';
import type { SourceConfig } from './schema-sources.ts';
import type { CustomWorkerConfig } from './schema-workers.ts';
import { hasNothingToRoute, queuesOf, sourceAccountsIn, sourcesIn } from './sections.ts';
import { type TracingConfig, tracingFrom } from './tracing.ts';

/** What every app reads. */
export interface BaseConfig {
  readonly file: string | null;
  readonly redisUrl: string;
  readonly adminPort: number;
  readonly adminHost: string;
  readonly shutdownTimeoutMs: number;
  /** Over how many shards the queues are spread; all of an installation's processes say the same. */
  readonly shards: number;
  readonly logLevel: Env['LOG_LEVEL'];
  /** null: nothing is traced. */
  readonly tracing: TracingConfig | null;
}

export interface IngressConfig extends BaseConfig {
  readonly host: string;
  readonly port: number;
  readonly spoolDir: string;
  readonly sources: Readonly<Record<string, SourceConfig>>;
  readonly dedupeHours: number;
  readonly keepStoriesMs: number;
  readonly http: IngressSettings;
  /** The queues that have work to do, the custom workers' among them; events for others are not queued. */
  readonly queues: readonly string[];
  readonly workers: Readonly<Record<string, CustomWorkerConfig>>;
  /** null where CHATWOOT_BASE_URL or CHATWOOT_API_TOKEN is missing: only sources without an account ask for it. */
  readonly chatwoot: ChatwootConfig | null;
}

export interface WorkerConfig extends BaseConfig {
  /** By the name of the source; null for one that names no account. */
  readonly sourceAccounts: Readonly<Record<string, number | null>>;
  /** null: the queue's own, as the catalogue has it. So with the next. */
  readonly concurrency: number | null;
  readonly giveUpAfterMs: number | null;
  readonly attemptMs: number | null;
  /** How long stories are kept; 0 keeps none. */
  readonly keepStoriesMs: number;
  /** And how many bytes of Redis they may take. */
  readonly storiesBytes: number;
}

export interface ChatwootConfig {
  readonly baseUrl: string;
  /** A user's: everything is read with it. */
  readonly apiToken: string;
  /** An agent bot's, for what is to be written by the bot. */
  readonly botToken: string | null;
  readonly accounts: readonly number[] | null;
  readonly timeoutMs: number;
}

export interface CrmSyncConfig extends WorkerConfig {
  readonly chatwootBaseUrl: string;
  /** null without CHATWOOT_API_TOKEN: only events that name no account need it. */
  readonly chatwoot: ChatwootConfig | null;
  readonly crm: CrmConfig & { readonly url: string };
}

export interface BotRepliesConfig extends WorkerConfig {
  readonly chatwoot: ChatwootConfig;
  readonly bot: BotConfig;
}

export interface HealerConfig extends WorkerConfig {
  readonly chatwoot: ChatwootConfig & { readonly apiToken: string };
  readonly bot: {
    readonly handOverAfterMinutes: number;
    readonly handOverNote: string;
    readonly offNote: string;
    readonly undeliveredNote: string;
  };
  readonly dedupeHours: number;
}

export interface RoutingWorkerConfig extends WorkerConfig {
  readonly chatwoot: ChatwootConfig;
  readonly routing: RoutingConfig;
  readonly customersDatabaseUrl: string | null;
}

export interface CustomWorkersConfig extends WorkerConfig {
  /** Those that this process is to run, by name; at least one. */
  readonly workers: Readonly<Record<string, CustomWorkerConfig>>;
  /** null where CHATWOOT_BASE_URL or CHATWOOT_API_TOKEN is missing: not every worker needs Chatwoot. */
  readonly chatwoot: ChatwootConfig | null;
}

export interface ConsoleConfig extends BaseConfig {
  readonly consoleHost: string;
  readonly consolePort: number;
  /** null: whoever reaches the console may use it, by CONSOLE_AUTH=none. */
  readonly password: string | null;
  /** Host names it is reached by, beside addresses and localhost. */
  readonly allowedHosts: readonly string[];
  /** For links to conversations; null where it is not set. */
  readonly chatwootBaseUrl: string | null;
  /** The queues of the custom workers, by name. */
  readonly customQueues: readonly string[];
}

/** Where the configuration is read from; main.ts passes nothing and gets the process's own. */
export interface ConfigOrigin {
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
}

/** @throws {ConfigError} also when no source has a secret. */
export async function loadIngressConfig(origin: ConfigOrigin = {}): Promise<IngressConfig> {
  const { env, file, base } = await load(origin);
  return deepFreeze({
    ...base,
    host: env.HOST,
    port: env.PORT,
    spoolDir: env.SPOOL_DIR,
    sources: sourcesOf(env, file),
    dedupeHours: file.dedupe.hours,
    keepStoriesMs: keepingOf(file).keepStoriesMs,
    http: { ...file.ingress, trustProxy: file.ingress.trustProxy ?? env.TRUST_PROXY ?? false },
    queues: queuesOf(env, file, base.file),
    workers: file.workers,
    chatwoot: userChatwootOf(env, file),
  });
}

/** @throws {ConfigError} also when CRM_URL or CHATWOOT_BASE_URL is nowhere. */
export async function loadCrmSyncConfig(origin: ConfigOrigin = {}): Promise<CrmSyncConfig> {
  const { env, file, base } = await load(origin);
  const crm = file.crm ?? crmSchema.parse({});
  const url = crm.url ?? env.CRM_URL;
  const apiKey = crm.apiKey ?? env.CRM_API_KEY;
  const missing = [
    ...(url === undefined ? ['CRM_URL: not set; where should leads be posted?'] : []),
    ...(env.CHATWOOT_BASE_URL === undefined ? [missingBaseUrl('the links to conversations need it')] : []),
  ];
  if (url === undefined || env.CHATWOOT_BASE_URL === undefined) throw new ConfigError(missing);
  return deepFreeze({
    ...base,
    ...paceOf('crm-sync', env, file),
    chatwootBaseUrl: env.CHATWOOT_BASE_URL,
    chatwoot: userChatwootOf(env, file),
    crm: { ...crm, url, ...(apiKey === undefined ? {} : { apiKey }) },
  });
}

/** @throws {ConfigError} also when there is no bot section, no CHATWOOT_BASE_URL or no user's token. */
export async function loadBotRepliesConfig(origin: ConfigOrigin = {}): Promise<BotRepliesConfig> {
  const { env, file, base } = await load(origin);
  const missing = [
    ...(file.bot === undefined
      ? [`bot: nothing configured${inFile(base.file)}; add bot: { rules: [...] }`]
      : []),
    ...(env.CHATWOOT_BASE_URL === undefined ? [missingBaseUrl("Chatwoot's API is called there")] : []),
    ...(env.CHATWOOT_API_TOKEN === undefined
      ? [
          "CHATWOOT_API_TOKEN: not set; bot-replies reads conversations with a user's token, because Chatwoot lets " +
            "an agent bot's (CHATWOOT_BOT_TOKEN) only write",
        ]
      : []),
  ];
  if (missing.length > 0 || file.bot === undefined || env.CHATWOOT_API_TOKEN === undefined) {
    throw new ConfigError(missing);
  }
  const giveUpMinutes = (file.queues['bot-replies']?.giveUpAfterHours ?? Number.POSITIVE_INFINITY) * 60;
  if (giveUpMinutes <= file.bot.answerWithinMinutes) {
    throw new ConfigError([
      'queues.bot-replies.giveUpAfterHours: must be longer than bot.answerWithinMinutes: what comes too late to be ' +
        'answered could not be handed to humans',
    ]);
  }
  return deepFreeze({
    ...base,
    ...paceOf('bot-replies', env, file),
    chatwoot: chatwootOf(env, file, env.CHATWOOT_API_TOKEN),
    bot: file.bot,
  });
}

/** @throws {ConfigError} also when there is no bot section, no CHATWOOT_BASE_URL or no CHATWOOT_API_TOKEN. */
export async function loadHealerConfig(origin: ConfigOrigin = {}): Promise<HealerConfig> {
  const { env, file, base } = await load(origin);
  const missing = [
    ...(file.bot === undefined
      ? [`bot: nothing configured${inFile(base.file)}; without a bot the healer has nothing to do`]
      : []),
    ...(env.CHATWOOT_BASE_URL === undefined ? [missingBaseUrl("Chatwoot's API is called there")] : []),
    ...(env.CHATWOOT_API_TOKEN === undefined
      ? ['CHATWOOT_API_TOKEN: not set; the healer reads conversations with it']
      : []),
  ];
  const { bot } = file;
  if (missing.length > 0 || bot === undefined || env.CHATWOOT_API_TOKEN === undefined) {
    throw new ConfigError(missing);
  }
  return deepFreeze({
    ...base,
    ...paceOf('handover', env, file),
    chatwoot: chatwootOf(env, file, env.CHATWOOT_API_TOKEN),
    bot: {
      handOverNote: bot.handOverNote ?? HAND_OVER_NOTE,
      offNote: bot.offNote ?? OFF_NOTE,
      undeliveredNote: bot.undeliveredNote,
      handOverAfterMinutes: handOverAfterMinutes(bot),
    },
    dedupeHours: file.dedupe.hours,
  });
}

const HAND_OVER_NOTE =
  'The bot could not answer this message: it is down, paused or has failed. The conversation is yours.';
const OFF_NOTE =
  'The bot has been turned off. What it had pending goes to people; this conversation is yours.';

/**
 * bot-replies hands over by itself what is late; the margin keeps an answer that it has begun in time apart from the
 * healer's handover.
 */
function handOverAfterMinutes({ answerWithinMinutes, handOverAfterMinutes: set }: BotConfig): number {
  const minutes = set ?? answerWithinMinutes + 2;
  if (minutes >= answerWithinMinutes + 1) return minutes;
  throw new ConfigError([
    'bot.handOverAfterMinutes: at least one minute more than bot.answerWithinMinutes, or the healer would hand over ' +
      'what the bot is still answering',
  ]);
}

/** @throws {ConfigError} also when there is no routing section, or what its rules need is not set. */
export async function loadRoutingConfig(origin: ConfigOrigin = {}): Promise<RoutingWorkerConfig> {
  const { env, file, base } = await load(origin);
  const { routing } = file;
  const missing = [
    ...(hasNothingToRoute(routing)
      ? [`routing: nothing configured${inFile(base.file)}; add routing: { rules: [...], otherwise: {...} }`]
      : []),
    ...(env.CHATWOOT_BASE_URL === undefined ? [missingBaseUrl("Chatwoot's API is called there")] : []),
    ...(env.CHATWOOT_API_TOKEN === undefined
      ? ['CHATWOOT_API_TOKEN: not set; routing reads teams and assigns conversations with it']
      : []),
    ...(routing?.customers !== undefined && env.CUSTOMERS_DATABASE_URL === undefined
      ? ['CUSTOMERS_DATABASE_URL: not set, and routing.customers.query needs it']
      : []),
  ];
  if (missing.length > 0 || routing === undefined || env.CHATWOOT_API_TOKEN === undefined) {
    throw new ConfigError(missing);
  }
  return deepFreeze({
    ...base,
    ...paceOf('routing', env, file),
    chatwoot: chatwootOf(env, file, env.CHATWOOT_API_TOKEN),
    routing,
    customersDatabaseUrl: env.CUSTOMERS_DATABASE_URL ?? null,
  });
}

/**
 * The user's own workers: all of them, or the one named `only`.
 *
 * @throws {ConfigError} also when there are none, or not that one.
 */
export async function loadCustomWorkersConfig(
  origin: ConfigOrigin = {},
  only: string | null = null,
): Promise<CustomWorkersConfig> {
  const { env, file, base } = await load(origin);
  const names = Object.keys(file.workers);
  if (names.length === 0) {
    throw new ConfigError([
      `workers: nothing configured${inFile(base.file)}; see docs/custom-workers.md for an example`,
    ]);
  }
  if (only !== null && !names.includes(only)) {
    throw new ConfigError([`no worker "${only}"${inFile(base.file)}; there are: ${names.join(', ')}`]);
  }
  const chosen = Object.entries(file.workers).filter(([name]) => only === null || name === only);
  return deepFreeze({
    ...base,
    // Their own settings stand with each worker.
    concurrency: env.CONCURRENCY ?? null,
    giveUpAfterMs: null,
    attemptMs: null,
    ...keepingOf(file),
    sourceAccounts: sourceAccountsIn(env, file),
    workers: Object.fromEntries(chosen),
    chatwoot:
      env.CHATWOOT_BASE_URL === undefined || env.CHATWOOT_API_TOKEN === undefined
        ? null
        : chatwootOf(env, file, env.CHATWOOT_API_TOKEN),
  });
}

/** @throws {ConfigError} also when there is neither a password nor CONSOLE_AUTH=none, or both. */
export async function loadConsoleConfig(origin: ConfigOrigin = {}): Promise<ConsoleConfig> {
  const { env, file, base } = await load(origin);
  const missing = missingConsoleAuth(env.CONSOLE_AUTH, env.CONSOLE_PASSWORD);
  if (missing !== null) throw new ConfigError([missing]);
  return deepFreeze({
    ...base,
    consoleHost: env.CONSOLE_HOST,
    consolePort: env.CONSOLE_PORT,
    password: env.CONSOLE_AUTH === 'none' ? null : (env.CONSOLE_PASSWORD ?? null),
    allowedHosts: env.CONSOLE_ALLOWED_HOSTS ?? [],
    chatwootBaseUrl: env.CHATWOOT_BASE_URL ?? null,
    customQueues: Object.keys(file.workers),
  });
}

async function load(origin: ConfigOrigin): Promise<{ env: Env; file: FileConfig; base: BaseConfig }> {
  const env = readEnv(origin.env ?? process.env);
  const { path, config } = await loadFile(env.SWITCHYARD_CONFIG, origin.cwd ?? process.cwd());
  const base = {
    file: path,
    redisUrl: env.REDIS_URL,
    adminPort: env.ADMIN_PORT,
    adminHost: env.ADMIN_HOST,
    shutdownTimeoutMs: env.SHUTDOWN_TIMEOUT_MS,
    shards: env.SHARDS,
    logLevel: env.LOG_LEVEL,
    tracing: tracingFrom(env),
  };
  return { env, file: config, base };
}

function sourcesOf(env: Env, file: FileConfig): Record<string, SourceConfig> {
  const sources = sourcesIn(env, file);
  if (Object.keys(sources).length > 0) return sources;
  throw new ConfigError([
    'CHATWOOT_WEBHOOK_SECRET: not set, and the config file names no sources; copy the secret from ' +
      'Chatwoot → Settings → Integrations → Webhooks',
  ]);
}

function keepingOf({ stories }: FileConfig): Pick<WorkerConfig, 'keepStoriesMs' | 'storiesBytes'> {
  return { keepStoriesMs: stories.keepHours * 3_600_000, storiesBytes: stories.megabytes * 1024 * 1024 };
}

/** How a queue is worked on, where the installation says so. */
function paceOf(queue: BuiltInQueue, env: Env, file: FileConfig): Omit<WorkerConfig, keyof BaseConfig> {
  const { concurrency = null, giveUpAfterHours, attemptSeconds } = file.queues[queue] ?? {};
  return {
    concurrency: env.CONCURRENCY ?? concurrency,
    giveUpAfterMs: giveUpAfterHours === undefined ? null : giveUpAfterHours * 3_600_000,
    attemptMs: attemptSeconds === undefined ? null : attemptSeconds * 1_000,
    ...keepingOf(file),
    sourceAccounts: sourceAccountsIn(env, file),
  };
}

function chatwootOf(env: Env, file: FileConfig, apiToken: string): ChatwootConfig {
  return {
    baseUrl: env.CHATWOOT_BASE_URL ?? '',
    apiToken,
    botToken: env.CHATWOOT_BOT_TOKEN ?? null,
    accounts: file.chatwoot.accounts ?? null,
    timeoutMs: file.chatwoot.timeoutMs,
  };
}

/** For those that can do without it. */
function userChatwootOf(env: Env, file: FileConfig): ChatwootConfig | null {
  if (env.CHATWOOT_BASE_URL === undefined || env.CHATWOOT_API_TOKEN === undefined) return null;
  return chatwootOf(env, file, env.CHATWOOT_API_TOKEN);
}

function missingBaseUrl(what: string): string {
  return `CHATWOOT_BASE_URL: not set; ${what}, such as https://chatwoot.example.com`;
}

function inFile(path: string | null): string {
  return path === null ? ' (there is no config file)' : ` in ${path}`;
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const inner of Object.values(value)) deepFreeze(inner);
  }
  return value;
}
