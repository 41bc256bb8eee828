import { EXIT, type ExitCode } from './exit.ts';

/** Why a command could not do what it was asked, in words for its user. */
export class CommandFailure extends Error {
  override readonly name = 'CommandFailure';
  readonly exit: ExitCode;
  /** Stable and searchable: `REDIS_UNREACHABLE`. */
  readonly code: string;
  /** What to do about it, a sentence each. */
  readonly fix: readonly string[];

  constructor(exit: ExitCode, code: string, message: string, fix: readonly string[] = []) {
    super(message);
    this.exit = exit;
    this.code = code;
    this.fix = fix;
  }
}

/** Any error as a failure to tell of. By shape, so that the packages that throw them need not be loaded for it. */
export function failureOf(error: unknown): CommandFailure {
  if (error instanceof CommandFailure) return error;
  if (!(error instanceof Error)) return new CommandFailure(EXIT.fault, 'FAULT', 'something threw no error');
  const lines: unknown = Reflect.get(error, 'lines');
  if (Array.isArray(lines))
    return new CommandFailure(EXIT.usage, codeOf(error), lines.map(String).join('\n'));
  if (typeof Reflect.get(error, 'failure') === 'string') return ofCall(error);
  if (isRedisAway(error)) {
    return new CommandFailure(EXIT.unreachable, 'REDIS_UNREACHABLE', `Redis broke off: ${error.message}`, [
      'Check REDIS_URL and the Redis behind it, then run the command again.',
    ]);
  }
  return new CommandFailure(EXIT.fault, codeOf(error), `unexpected: ${error.message}`, [
    'This is a fault in switchyard itself. Run it again with --debug for the place, and report it.',
  ]);
}

/** What a failed call to Chatwoot or a CRM means for whoever ran the command; its message says what to do. */
function ofCall(error: Error): CommandFailure {
  const code = codeOf(error);
  return new CommandFailure(exitOfCall(code, Reflect.get(error, 'failure')), code, error.message);
}

const NOT_ALLOWED = new Set([
  'CHATWOOT_UNAUTHORIZED',
  'CHATWOOT_FORBIDDEN',
  'CHATWOOT_BOT_FORBIDDEN',
  'CHATWOOT_ACCOUNT_SUSPENDED',
  'CHATWOOT_PLAN_GATE',
]);

function exitOfCall(code: string, failure: unknown): ExitCode {
  if (NOT_ALLOWED.has(code)) return EXIT.notAllowed;
  if (code === 'CHATWOOT_NOT_FOUND') return EXIT.notFound;
  return failure === 'permanent' || failure === 'refused' ? EXIT.problem : EXIT.unreachable;
}

function isRedisAway({ name, message }: Error): boolean {
  return (
    name === 'MaxRetriesPerRequestError' ||
    name === 'ClusterAllFailedError' ||
    /^(?:Connection is closed|Stream isn't writeable|Command timed out|Socket timeout|Cluster isn't ready)/.test(
      message,
    ) ||
    /\b(?:READONLY|LOADING|MASTERDOWN|CLUSTERDOWN|OOM|MISCONF|NOREPLICAS)\b/.test(message)
  );
}

function codeOf(error: Error): string {
  const code: unknown = Reflect.get(error, 'code');
  return typeof code === 'string' ? code : 'FAULT';
}
