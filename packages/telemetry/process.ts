import closeWithGrace from 'close-with-grace';
import { type AdminServer, startAdminServer } from './admin-server.ts';
import { createHealth, type Health } from './health.ts';
import { createLogger, type Logger } from './log.ts';
import { createMetrics, type Metrics } from './metrics.ts';

export const VERSION = '0.1.0';

export interface ProcessConfig {
  readonly file: string | null;
  readonly host: string;
  readonly adminPort: number;
  readonly logLevel: string;
  readonly shutdownTimeoutMs: number;
}

export interface Runtime {
  readonly app: string;
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly health: Health;
}

/** What an app gives back: how to stop it within its limit. Called once. */
export interface Running {
  close(): Promise<void>;
}

/** What close-with-grace allows on top of the app's own limit before it ends the process with code 1. */
const SHUTDOWN_MARGIN_MS = 5_000;

/**
 * The life of an app's process: reads its config, opens the admin server, starts the work, and on SIGTERM or
 * SIGINT stops in the reverse order and exits 0. A wrong config is one line a fault on standard error, exit 1.
 */
export async function runProcess<Config extends ProcessConfig>(
  app: string,
  loadConfig: () => Promise<Config>,
  start: (config: Config, runtime: Runtime) => Promise<Running>,
): Promise<void> {
  const config = await orExit(loadConfig);
  const log = createLogger({ app, level: config.logLevel });
  const metrics = createMetrics({ app, version: VERSION });
  const health = createHealth();
  const runtime: Runtime = { app, log, metrics, health };

  const opened: Running[] = [];
  closeWithGrace(
    { delay: config.shutdownTimeoutMs + SHUTDOWN_MARGIN_MS, logger: false },
    async ({ err, signal }) => {
      health.stopping();
      if (err !== undefined) log.fatal({ err }, 'stopping after an error nobody handled');
      else log.info({ signal }, 'stopping');
      for (const running of opened.toReversed()) await running.close();
      log.info('stopped');
      log.flush();
    },
  );

  const admin: AdminServer = await startAdminServer({
    host: config.host,
    port: config.adminPort,
    health,
    metrics,
  }).catch((error: unknown) => exitWith([`ADMIN_PORT: ${messageOf(error)}`]));
  opened.push(admin);
  log.info({ config: config.file, adminPort: admin.port, version: VERSION }, 'starting');
  opened.push(await orExit(() => start(config, runtime)));
}

/** Errors that speak to the operator (`lines`) end the process plainly; anything else is a crash with a stack. */
async function orExit<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const lines: unknown = error instanceof Error ? Reflect.get(error, 'lines') : undefined;
    if (Array.isArray(lines)) return exitWith(lines.map(String));
    throw error;
  }
}

function exitWith(lines: readonly string[]): never {
  process.stderr.write(`${lines.join('\n')}\n`);
  process.exit(1);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
