import { CallFailure, type HttpRequest, type HttpResponse, type Send } from '@switchyard/chatwoot';
import { createBoundedLabel, currentDelivery, type Runtime, type Tracing } from '@switchyard/telemetry';
import { Agent } from 'undici';
import { checkScope, tellReached, willTell } from './attempt-scope/current.ts';
import { exchange, NoAnswer } from './exchange.ts';

export interface SenderSettings {
  /** The outside system, a bounded label: `chatwoot`, `crm`. */
  readonly target: string;
  /** Limit of one call, from connecting to the last byte of the answer. */
  readonly timeoutMs: number;
  readonly runtime: Pick<Runtime, 'log' | 'metrics' | 'tracing'>;
}

export interface Sender {
  readonly send: Send;
  close(): Promise<void>;
}

const CONNECT_TIMEOUT_MS = 3_000;
const LARGEST_ANSWER_BYTES = 10 * 1024 * 1024;
const BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/** Answers about what was asked for, and not about who asks. */
const REACHED: ReadonlySet<number> = new Set([404, 409, 410, 422]);

/** undici's, when it has cut an answer off. */
const TOO_LARGE = 'UND_ERR_RES_EXCEEDED_MAX_SIZE';

/** Failures before anything could be sent: the other side did nothing. */
const NOT_CONNECTED = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
  'CERT_HAS_EXPIRED',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'ERR_TLS_CERT_ALTNAME_INVALID',
]);

/**
 * Makes the calls to one outside system: kept-alive connections, one limit for the whole call, a metric and a
 * log line each. Redirects are not followed: they would carry the token elsewhere.
 */
export function createSend({ target, timeoutMs, runtime }: SenderSettings): Sender {
  const agent = new Agent({
    connect: { timeout: CONNECT_TIMEOUT_MS },
    keepAliveTimeout: 30_000,
    pipelining: 1,
    maxResponseSize: LARGEST_ANSWER_BYTES,
    // The whole call has a limit, which is shorter than undici's own for its parts.
    headersTimeout: 0,
    bodyTimeout: 0,
  });
  const calls = callMetrics(runtime);
  willTell(target);

  async function send(asked: HttpRequest): Promise<HttpResponse> {
    // Whoever forgot to pass the attempt's signal is stopped by it all the same.
    const ofAttempt = checkScope();
    const call = asked.signal === undefined && ofAttempt !== null ? { ...asked, signal: ofAttempt } : asked;
    const startedAt = performance.now();
    let status = 'error';
    try {
      const answer = await exchange(agent, call, timeoutMs);
      status = String(answer.status);
      if (isThere(answer.status)) tellReached(target, startedAt);
      return answer;
    } catch (error) {
      if (call.signal?.aborted === true) {
        status = 'aborted';
        throw error;
      }
      if (error instanceof NoAnswer) status = 'timeout';
      throw failureOf(error, call, target);
    } finally {
      const seconds = (performance.now() - startedAt) / 1000;
      const operation = calls.operationLabel(call.operation);
      calls.total.inc({ target, operation, status });
      calls.duration.observe({ target, operation }, seconds);
      const level = status.startsWith('2') ? (call.method === 'GET' ? 'debug' : 'info') : 'warn';
      runtime.log[level](
        { target, operation: call.operation, status, ms: Math.round(seconds * 1000) },
        `${target}: ${call.operation}`,
      );
    }
  }

  const { tracing } = runtime;
  return {
    send: tracing === undefined ? send : (call) => traceCall(tracing, target, call, send),
    close: () => agent.close(),
  };
}

/** Whether an answer says that its target is there and works for us; one that refuses or puts us off does not. */
function isThere(status: number): boolean {
  return (status >= 200 && status < 300) || REACHED.has(status);
}

/**
 * A span for a call that belongs to a delivery. Of the address it has the host only: a path may hold a secret or an
 * e-mail address. Nothing of the trace is sent along: the other side is somebody else's.
 */
async function traceCall(
  tracing: Tracing,
  target: string,
  call: HttpRequest,
  send: Send,
): Promise<HttpResponse> {
  if (tracing.current() === null) return send(call);
  const attributes = {
    'switchyard.target': target,
    'switchyard.operation': call.operation,
    'switchyard.delivery': currentDelivery() ?? null,
    'http.request.method': call.method,
    'server.address': URL.parse(call.url)?.hostname ?? null,
  };
  return tracing.span(`${target}: ${call.operation}`, { kind: 'client', attributes }, async (span) => {
    const answer = await send(call);
    span.set({ 'http.response.status_code': answer.status });
    if (answer.status >= 400) span.fail(String(answer.status));
    return answer;
  });
}

const METRICS = new WeakMap<object, ReturnType<typeof makeCallMetrics>>();

/** A process has one set of these metrics, however many systems it calls. */
function callMetrics(runtime: SenderSettings['runtime']) {
  const known = METRICS.get(runtime.metrics);
  if (known !== undefined) return known;
  const made = makeCallMetrics(runtime);
  METRICS.set(runtime.metrics, made);
  return made;
}

function makeCallMetrics({ metrics }: SenderSettings['runtime']) {
  return {
    // A custom worker's operations are named by its user.
    operationLabel: createBoundedLabel(),
    total: metrics.counter(
      'outbound_calls_total',
      'Calls to outside systems, by HTTP status; timeout, aborted or error where there was no answer.',
      ['target', 'operation', 'status'],
    ),
    duration: metrics.histogram(
      'outbound_call_seconds',
      'One call to an outside system, from connecting to the last byte of the answer.',
      ['target', 'operation'],
      BUCKETS,
    ),
  };
}

/** An answer that never came: was the request surely not sent, or may it have been carried out? */
function failureOf(error: unknown, call: HttpRequest, target: string): CallFailure {
  const code = codeOf(error);
  const what = `${target}: ${call.operation}`;
  const isRead = call.method === 'GET';
  if (NOT_CONNECTED.has(code)) {
    return new CallFailure('outage', `${what}: no connection (${code})`, { code, target, cause: error });
  }
  if (code === TOO_LARGE) {
    const details = { code: 'ANSWER_TOO_LARGE', target, cause: error };
    return new CallFailure(
      isRead ? 'transient' : 'unknown-outcome',
      `${what}: the answer is too large`,
      details,
    );
  }
  const reason = error instanceof NoAnswer ? error.message : `connection broke (${code})`;
  const details = { code, target, cause: error };
  return new CallFailure(isRead ? 'outage' : 'unknown-outcome', `${what}: ${reason}`, details);
}

function codeOf(error: unknown): string {
  const code: unknown = error instanceof Error ? Reflect.get(error, 'code') : undefined;
  if (typeof code === 'string') return code;
  const cause: unknown = error instanceof Error ? error.cause : undefined;
  return cause instanceof Error ? codeOf(cause) : 'UNKNOWN';
}
