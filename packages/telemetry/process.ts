import { setImmediate as nextTurn } from 'node:timers/promises';
import closeWithGrace from 'close-with-grace';
import { startAdminServer } from './admin-server.ts';
import { createHealth, type Health } from './health.ts';
import { listenFault } from './listen-fault.ts';
import { createLogger, flushLog, type Logger } from './log.ts';
import { createMetrics, type Metrics } from './metrics.ts';
import type { Tracing, TracingSettings } from './tracing.ts';

export const VERSION = '0.1.0';

export interface ProcessConfig {
  readonly file: string | null;
  readonly adminHost: string;
  readonly adminPort: number;
  readonly logLevel: string;
  readonly shutdownTimeoutMs: number;
  /** null or absent: nothing is traced. */
  readonly tracing?: TracingSettings | null;
}

export interface Runtime {
  readonly app: string;
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly health: Health;
  /** Absent where tracing is off. */
  readonly tracing?: Tracing;
}

/** What an app gives back: how to stop it within its limit. Called once. */
export interface Running {
  close(): Promise<void>;
}

/** What close-with-grace allows on top of the app's own limit before it ends the process with code 1. */
const SHUTDOWN_MARGIN_MS = 5_000;

/**
 * The life of an app's process: reads its config, opens the admin server, starts the work, and on SIGTERM or
 * SIGINT, at whatever moment, stops in the reverse order and exits 0. A wrong config is one line a fault on
 * standard error, exit 1; so is an error nobody handled, with a fatal line in the log.
 */
export async function runProcess<Config extends ProcessConfig>(
  app: string,
  loadConfig: () => Promise<Config>,
  start: (config: Config, runtime: Runtime) => Promise<Running>,
): Promise<void> {
  const stopLeaving = leaveOnSignal();
  const config = await loadConfig().catch(exitWithLines);
  const log = createLogger({ app, level: config.logLevel });
  const metrics = createMetrics({ app, version: VERSION });
  const health = createHealth();
  const opened: Running[] = [];
  const stopping = closeOnSignal({ opened, log, health, shutdownTimeoutMs: config.shutdownTimeoutMs });
  stopLeaving();
  const own = health.dependency('process');
  own.notReady('starting');

  try {
    const { adminHost: host, adminPort } = config;
    const admin = await startAdminServer({ host, port: adminPort, health, metrics }).catch(adminFault);
    opened.push(admin);
    if (stopping.begun) return;
    log.info({ config: config.file, adminPort: admin.port, version: VERSION }, 'starting');
    const tracing = await openTracing(app, config.tracing ?? null, log);
    if (tracing !== null) opened.push(tracing);
    opened.push(await start(config, { app, log, metrics, health, ...(tracing === null ? {} : { tracing }) }));
    own.ready();
  } catch (error) {
    // Whatever start-up was waiting for, it is being taken away.
    if (stopping.begun) return log.warn({ err: error }, 'start-up was cut short');
    await flushLog(log);
    exitWithLines(error);
  }
}

/** The SDK is not even loaded where nothing is traced. */
async function openTracing(
  app: string,
  settings: TracingSettings | null,
  log: Logger,
): Promise<Tracing | null> {
  if (settings === null) return null;
  const { startTracing } = await import('./tracing-sdk.ts');
  log.info({ ...settings }, 'tracing');
  return startTracing({ app, version: VERSION, settings, log });
}

/**
 * Until there is something to close, a signal ends the process at once; as process 1 of a container it would not
 * even do that by itself. Returns how to undo it, after another listener took over: without any, a signal kills.
 */
function leaveOnSignal(): () => void {
  const leave = () => process.exit(0);
  const signals = ['SIGTERM', 'SIGINT'] as const;
  for (const signal of signals) process.on(signal, leave);
  return () => {
    for (const signal of signals) process.off(signal, leave);
  };
}

interface Closing {
  /** What was opened so far, in order. What start-up opens while we close is closed too. */
  readonly opened: Running[];
  readonly log: Logger;
  readonly health: Health;
  readonly shutdownTimeoutMs: number;
}

function closeOnSignal({ opened, log, health, shutdownTimeoutMs }: Closing): { readonly begun: boolean } {
  const state = { begun: false };
  const limit = shutdownTimeoutMs + SHUTDOWN_MARGIN_MS;
  const options = {
    delay: limit,
    logger: false as const,
    onTimeout: () => log.fatal({ limitMs: limit }, 'not stopped within the limit; leaving all the same'),
    onSecondSignal: (signal: string) => log.fatal({ signal }, 'told to stop a second time; leaving at once'),
    onSecondError: (err: unknown) => log.fatal({ err }, 'another error while stopping; leaving at once'),
  };
  closeWithGrace(options, async ({ err, signal }) => {
    state.begun = true;
    health.stopping();
    if (err !== undefined) log.fatal({ err }, 'stopping after an error nobody handled');
    else log.info({ signal }, 'stopping');
    const failed = await closeAll(opened, log);
    log.info('stopped');
    await flushLog(log);
    if (failed) throw new Error('not everything could be closed');
  });
  return state;
}

/** Last opened, first closed. One that can't be closed is told, and does not keep the others open. */
async function closeAll(opened: Running[], log: Logger): Promise<boolean> {
  let failed = false;
  do {
    try {
      await opened.pop()?.close();
    } catch (err) {
      failed = true;
      log.error({ err }, 'could not be closed in order');
    }
    // Start-up may have been about to finish.
    if (opened.length === 0) await nextTurn();
  } while (opened.length > 0);
  return failed;
}

function adminFault(error: unknown): never {
  exitWith([
    listenFault(error, 'ADMIN_PORT', 'ADMIN_HOST') ??
      `ADMIN_HOST: ${error instanceof Error ? error.message : 'unusable'}`,
  ]);
}

/** Errors that speak to the operator (`lines`) end the process plainly; anything else is a crash with a stack. */
function exitWithLines(error: unknown): never {
  const lines: unknown = error instanceof Error ? Reflect.get(error, 'lines') : undefined;
  if (Array.isArray(lines)) exitWith(lines.map(String));
  const fault = listenFault(error, 'PORT');
  if (fault !== null) exitWith([fault]);
  throw error;
}

function exitWith(lines: readonly string[]): never {
  process.stderr.write(`${lines.join('\n')}\n`);
  process.exit(1);
}
