import { CallFailure, type HttpRequest, type HttpResponse, type Send } from '@switchyard/chatwoot';
import { createBoundedLabel, currentDelivery, type Runtime, type Tracing } from '@switchyard/telemetry';
import { Agent, type Dispatcher, request as undiciRequest } from 'undici';

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
  });
  const calls = callMetrics(runtime);

  async function send(call: HttpRequest): Promise<HttpResponse> {
    const startedAt = performance.now();
    const limit = limitCall(timeoutMs, call.signal);
    let status = 'error';
    try {
      const answer = await undiciRequest(call.url, {
        method: call.method,
        headers: call.headers,
        ...(call.body === undefined ? {} : { body: call.body }),
        dispatcher: agent,
        signal: limit.signal,
      });
      const body = await readBounded(answer, target, call);
      status = String(answer.statusCode);
      return { status: answer.statusCode, headers: flatten(answer.headers), body };
    } catch (error) {
      if (call.signal?.aborted === true) status = 'aborted';
      else if (limit.isOver()) status = 'timeout';
      throw call.signal?.aborted === true
        ? error
        : failureOf(error, call, target, limit.isOver() ? timeoutMs : null);
    } finally {
      limit.end();
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

/** Aborted after `ms`, or with `also`. Once the call is over nothing of it is left, which AbortSignal.timeout's would. */
function limitCall(ms: number, also: AbortSignal | undefined) {
  const controller = new AbortController();
  let over = false;
  const timer = setTimeout(() => {
    over = true;
    controller.abort(new Error(`no answer within ${ms} ms`));
  }, ms);
  const stop = () => controller.abort(also?.reason);
  if (also?.aborted === true) stop();
  also?.addEventListener('abort', stop);
  return {
    signal: controller.signal,
    isOver: () => over,
    end() {
      clearTimeout(timer);
      also?.removeEventListener('abort', stop);
    },
  };
}

async function readBounded(
  { body, headers }: Pick<Dispatcher.ResponseData, 'body' | 'headers'>,
  target: string,
  call: HttpRequest,
): Promise<string> {
  // A peer that says how much it sends can't send more; undici ends the connection then.
  if (Number(headers['content-length']) <= LARGEST_ANSWER_BYTES) return body.text();
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.byteLength;
    if (size > LARGEST_ANSWER_BYTES) {
      body.destroy();
      throw new CallFailure(
        call.method === 'GET' ? 'transient' : 'unknown-outcome',
        'the answer is too large',
        {
          code: 'ANSWER_TOO_LARGE',
          target,
        },
      );
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** undici gives names in lower case. */
function flatten(headers: Dispatcher.ResponseData['headers']): Record<string, string | undefined> {
  const flat: Record<string, string | undefined> = {};
  for (const name in headers) {
    const value = headers[name];
    flat[name] = Array.isArray(value) ? value[0] : value;
  }
  return flat;
}

/** An answer that never came: was the request surely not sent, or may it have been carried out? */
function failureOf(
  error: unknown,
  call: HttpRequest,
  target: string,
  timedOutMs: number | null,
): CallFailure {
  if (error instanceof CallFailure) return error;
  const code = codeOf(error);
  const what = `${target}: ${call.operation}`;
  if (NOT_CONNECTED.has(code)) {
    return new CallFailure('outage', `${what}: no connection (${code})`, { code, target, cause: error });
  }
  const reason = timedOutMs === null ? `connection broke (${code})` : `no answer within ${timedOutMs} ms`;
  return new CallFailure(call.method === 'GET' ? 'outage' : 'unknown-outcome', `${what}: ${reason}`, {
    code: timedOutMs === null ? code : 'TIMEOUT',
    target,
    cause: error,
  });
}

function codeOf(error: unknown): string {
  const code: unknown = error instanceof Error ? Reflect.get(error, 'code') : undefined;
  if (typeof code === 'string') return code;
  const cause: unknown = error instanceof Error ? error.cause : undefined;
  return cause instanceof Error ? codeOf(cause) : 'UNKNOWN';
}
