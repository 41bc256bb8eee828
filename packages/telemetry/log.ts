import { AsyncLocalStorage } from 'node:async_hooks';
import {
  type DestinationStream,
  type Logger,
  type LoggerOptions,
  pino,
  stdTimeFunctions,
  transport,
} from 'pino';

export type { Logger } from 'pino';

/** What every line of one delivery or job says of itself. No personal data: ids and bounded labels only. */
export interface LogContext {
  readonly delivery?: string;
  readonly source?: string;
  readonly queue?: string;
  readonly job?: string;
  readonly event?: string;
  readonly account?: number | null;
  readonly conversation?: number | null;
  readonly attempt?: number;
}

const context = new AsyncLocalStorage<LogContext>();

/** Every line logged while `work` runs, however deep, carries these fields. */
export function withLogContext<T>(fields: LogContext, work: () => T): T {
  return context.run({ ...context.getStore(), ...fields }, work);
}

/** The delivery id of the work at hand, for headers of outgoing calls. */
export function currentDelivery(): string | undefined {
  return context.getStore()?.delivery;
}

export interface LogSettings {
  readonly app: string;
  readonly level: string;
  /** Readable lines instead of JSON; the default is whether standard output is a terminal. */
  readonly pretty?: boolean;
  readonly destination?: DestinationStream;
}

/**
 * JSON lines on standard output, readable ones on a terminal. Anything that looks like a secret or a customer's
 * data is censored even if a careless line carries it.
 */
export function createLogger(settings: LogSettings): Logger {
  const options: LoggerOptions = {
    level: settings.level,
    base: { app: settings.app },
    timestamp: stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
    mixin: () => ({ ...context.getStore() }),
    serializers: { err: describeError },
    redact: { paths: SENSITIVE, censor: '[redacted]' },
  };
  if (settings.destination !== undefined) return pino(options, settings.destination);
  if (settings.pretty ?? process.stdout.isTTY) {
    const { formatters: _, ...forTransport } = options;
    return pino(forTransport, transport({ target: 'pino-pretty', options: { ignore: 'pid,hostname,app' } }));
  }
  return pino(options);
}

const SENSITIVE = [
  'authorization',
  'api_access_token',
  'token',
  'secret',
  'secrets',
  'apiKey',
  'password',
  'content',
  'email',
  'phone',
  'body',
].flatMap((name) => [name, `*.${name}`]);

/** Errors of outside parties can quote what they were sent, so only our own fields and the stack's frames go out. */
function describeError(error: unknown): Record<string, unknown> {
  if (!(error instanceof Error)) return { message: String(error) };
  const extra: Record<string, unknown> = {};
  for (const key of ['code', 'failure', 'target', 'status', 'retryAfterMs', 'step']) {
    const value: unknown = Reflect.get(error, key);
    if (value !== undefined) extra[key] = value;
  }
  return {
    type: error.name,
    message: error.message,
    ...extra,
    stack: error.stack?.split('\n').slice(1, 6).join('\n'),
    ...(error.cause instanceof Error ? { cause: `${error.cause.name}: ${error.cause.message}` } : {}),
  };
}
