import type { ConfigOrigin } from './config.ts';
import { type Env, readEnv } from './env.ts';
import { ConfigError } from './error.ts';
import { loadFile } from './file.ts';
import { type FileConfig, fileSchema } from './schema.ts';
import type { BotConfig } from './schema-bot.ts';
import type { RoutingConfig } from './schema-routing.ts';
import type { SourceConfig } from './schema-sources.ts';
import type { CustomWorkerConfig } from './schema-workers.ts';
import { queuesOf, sourcesIn } from './sections.ts';

/** What the command line knows of an installation. Nothing has to be there: each command says what it needs. */
export interface CliConfig {
  readonly file: string | null;
  readonly redisUrl: string;
  readonly shards: number;
  /** The queues that have work to do, the custom workers' among them. */
  readonly queues: readonly string[];
  readonly workers: Readonly<Record<string, CustomWorkerConfig>>;
  /** Empty when there is no secret anywhere. */
  readonly sources: Readonly<Record<string, SourceConfig>>;
  /** Those that the config file describes itself. */
  readonly sourcesInFile: readonly string[];
  readonly chatwoot: {
    readonly baseUrl: string | null;
    readonly apiToken: string | null;
    readonly botToken: string | null;
    readonly accounts: readonly number[] | null;
    readonly timeoutMs: number;
  };
  readonly crm: {
    readonly url: string | null;
    readonly apiKey: string | null;
    readonly timeoutMs: number;
  } | null;
  readonly bot: BotConfig | null;
  readonly routing: RoutingConfig | null;
  readonly customersDatabaseUrl: string | null;
}

/** What can be read in spite of what is wrong, and what is wrong: one line a fault. */
export interface ConfigInspection {
  readonly config: CliConfig;
  readonly environment: readonly string[];
  readonly file: readonly string[];
}

/** @throws {ConfigError} for a bad variable or config file; for nothing that is only missing. */
export async function loadCliConfig(origin: ConfigOrigin = {}): Promise<CliConfig> {
  const env = readEnv(origin.env ?? process.env);
  const { path, config } = await loadFile(env.SWITCHYARD_CONFIG, origin.cwd ?? process.cwd());
  return cliConfig(env, config, path);
}

/** For those who look for faults. A bad variable counts as not set, a bad config file as an empty one. */
export async function inspectConfig(origin: ConfigOrigin = {}): Promise<ConfigInspection> {
  const { env, lines } = readableEnv(origin.env ?? process.env);
  try {
    const { path, config } = await loadFile(env.SWITCHYARD_CONFIG, origin.cwd ?? process.cwd());
    return { config: cliConfig(env, config, path), environment: lines, file: [] };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const config = cliConfig(env, fileSchema.parse({}), null);
    return { config, environment: lines, file: error.lines };
  }
}

/** A line of readEnv's begins with the name of its variable. */
function readableEnv(env: NodeJS.ProcessEnv): { readonly env: Env; readonly lines: readonly string[] } {
  try {
    return { env: readEnv(env), lines: [] };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const bad = new Set(error.lines.map((line) => line.split(':')[0]));
    const rest = Object.fromEntries(Object.entries(env).filter(([name]) => !bad.has(name)));
    return { env: readEnv(rest), lines: error.lines };
  }
}

function cliConfig(env: Env, file: FileConfig, path: string | null): CliConfig {
  const crmUrl = file.crm?.url ?? env.CRM_URL;
  return {
    file: path,
    redisUrl: env.REDIS_URL,
    shards: env.SHARDS,
    queues: queuesOf(env, file, path),
    workers: file.workers,
    sources: sourcesIn(env, file),
    sourcesInFile: Object.keys(file.sources ?? {}),
    chatwoot: {
      baseUrl: env.CHATWOOT_BASE_URL ?? null,
      apiToken: env.CHATWOOT_API_TOKEN ?? null,
      botToken: env.CHATWOOT_BOT_TOKEN ?? null,
      accounts: file.chatwoot.accounts ?? null,
      timeoutMs: file.chatwoot.timeoutMs,
    },
    crm:
      file.crm === undefined && crmUrl === undefined
        ? null
        : {
            url: crmUrl ?? null,
            apiKey: file.crm?.apiKey ?? env.CRM_API_KEY ?? null,
            timeoutMs: file.crm?.timeoutMs ?? 10_000,
          },
    bot: file.bot ?? null,
    routing: file.routing ?? null,
    customersDatabaseUrl: env.CUSTOMERS_DATABASE_URL ?? null,
  };
}
