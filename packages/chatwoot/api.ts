import { z } from 'zod';
import { classifyResponse } from './classify.ts';
import { CallFailure, type FailureScope } from './failure.ts';
import type { HttpRequest, HttpResponse, Send } from './send.ts';

export interface CallOptions {
  readonly signal?: AbortSignal | undefined;
}

/** For writes that agent bots may make. Reads have no such choice: a bot's token can't read (contract [R] 2). */
export interface ActorOptions extends CallOptions {
  /** Whose token to use: `user` (the default), or `bot`, where one is configured; the user's where none is. */
  readonly as?: 'user' | 'bot' | undefined;
}

export interface ApiSettings {
  /** Where Chatwoot is: `https://chat.example.com`; a path before `/api` is kept. */
  readonly baseUrl: string;
  /**
   * A user's access token (`CHATWOOT_API_TOKEN`): everything is read with it. An administrator's: see
   * `conversations.setStatus`.
   */
  readonly token: string;
  /** An agent bot's access token (`CHATWOOT_BOT_TOKEN`), for writes that are to come from the bot. */
  readonly botToken?: string | undefined;
  /** Must not follow redirects: they would carry the token to another host. */
  readonly send: Send;
}

export interface ApiRequest {
  readonly operation: string;
  readonly method: HttpRequest['method'];
  /** Below the base URL, without a query. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number | undefined>>;
  readonly body?: Readonly<Record<string, unknown>>;
  /** A write that a bot's token may make. */
  readonly bots?: boolean;
  /** Sent without a token: what a customer calls. */
  readonly anonymous?: boolean;
}

/** One call to Chatwoot; a method for each kind of answer. Both throw CallFailure. */
export interface Api {
  /** The answer as JSON, checked and shaped by `schema`. */
  json<T>(request: ApiRequest, schema: z.ZodType<T>, options?: ActorOptions): Promise<T>;
  /** For an answer whose body says nothing. */
  done(request: ApiRequest, options?: ActorOptions): Promise<void>;
}

/** @throws {TypeError} the base URL is no http(s) address, or a token holds what no token holds. */
export function createApi(settings: ApiSettings): Api {
  const base = readBaseUrl(settings.baseUrl);
  assertToken('CHATWOOT_API_TOKEN', settings.token);
  assertToken('CHATWOOT_BOT_TOKEN', settings.botToken);

  async function call(request: ApiRequest, options: ActorOptions): Promise<HttpResponse> {
    const { token, variable } = request.anonymous
      ? { token: null, variable: null }
      : pickToken(settings, request, options);
    const response = await settings.send({
      method: request.method,
      url: base + request.path + queryOf(request),
      operation: request.operation,
      headers: headersWith(token, request.body !== undefined),
      ...(request.body === undefined ? {} : { body: JSON.stringify(request.body) }),
      ...(options.signal === undefined ? {} : { signal: options.signal }),
    });
    const fault = classifyResponse({ ...response, method: request.method, now: Date.now() });
    if (fault === null) return response;
    const hint = fault.code === 'CHATWOOT_UNAUTHORIZED' && variable !== null ? `; check ${variable}` : '';
    throw new CallFailure(fault.failure, `${describe(request, response.status)}: ${fault.advice}${hint}`, {
      code: fault.code,
      target: 'chatwoot',
      scope: fault.scope,
      status: response.status,
      ...(fault.retryAfterMs === undefined ? {} : { retryAfterMs: fault.retryAfterMs }),
    });
  }

  return {
    async json(request, schema, options = {}) {
      const response = await call(request, options);
      const parsed = schema.safeParse(parseJson(request, response));
      if (parsed.success) return parsed.data;
      const path = parsed.error.issues[0]?.path.join('.') ?? '';
      throw unexpectedAnswer(request, `its body is not as documented at "${path}"`, response.status);
    },
    async done(request, options = {}) {
      await call(request, options);
    },
  };
}

/**
 * A 2xx that does not say what the contract says. After a write nobody knows what was done; a read can be asked
 * again. What Chatwoot says of one conversation is about that one alone; `scope` is for what it did not say.
 */
export function unexpectedAnswer(
  request: ApiRequest,
  what: string,
  status = 200,
  scope: FailureScope = 'item',
): CallFailure {
  const failure = request.method === 'GET' ? 'transient' : 'unknown-outcome';
  return new CallFailure(failure, `${describe(request, status)}, but ${what}`, {
    code: 'CHATWOOT_UNEXPECTED_RESPONSE',
    target: 'chatwoot',
    scope,
    status,
  });
}

/** `/api/v1/accounts/3/conversations/1187/messages`. @throws {CallFailure} an id is no positive whole number. */
export function accountPath(account: number, ...parts: readonly (string | number)[]): string {
  const segments = ['/api/v1/accounts', account, ...parts];
  const bad = segments.find((part) => typeof part === 'number' && !(Number.isSafeInteger(part) && part > 0));
  if (bad === undefined) return segments.join('/');
  throw new CallFailure('permanent', `Chatwoot: ${String(bad)} is no id, in ${segments.join('/')}`, {
    code: 'CHATWOOT_BAD_ID',
    target: 'chatwoot',
  });
}

function pickToken(settings: ApiSettings, request: ApiRequest, options: ActorOptions) {
  const asBot = options.as === 'bot' && request.bots === true;
  return asBot && settings.botToken !== undefined
    ? { token: settings.botToken, variable: 'CHATWOOT_BOT_TOKEN' }
    : { token: settings.token, variable: 'CHATWOOT_API_TOKEN' };
}

function headersWith(token: string | null, hasBody: boolean): Record<string, string> {
  return {
    // Rack folds this to `api_access_token`; spelled with underscores, nginx would drop it (contract §3.1).
    ...(token === null ? {} : { 'Api-Access-Token': token }),
    Accept: 'application/json',
    ...(hasBody ? { 'Content-Type': 'application/json' } : {}),
  };
}

function parseJson(request: ApiRequest, response: HttpResponse): unknown {
  try {
    return JSON.parse(response.body);
  } catch {
    // The parser's error quotes the body, so it is no cause to keep.
    const what = 'its body is no JSON; is CHATWOOT_BASE_URL the address of Chatwoot itself?';
    throw unexpectedAnswer(request, what, response.status, 'target');
  }
}

/** The path holds ids only; a query can hold a customer's address and stays out. */
function describe(request: ApiRequest, status: number): string {
  return `Chatwoot: ${request.operation} (${request.method} ${request.path}) answered ${status}`;
}

function queryOf(request: ApiRequest): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(request.query ?? {})) {
    if (value !== undefined) query.set(name, String(value));
  }
  return query.size === 0 ? '' : `?${query}`;
}

function readBaseUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
    throw new TypeError('CHATWOOT_BASE_URL must be an address such as https://chat.example.com');
  }
  return url.origin + url.pathname.replace(/\/+$/, '');
}

function assertToken(variable: string, token: string | undefined): void {
  if (token === undefined || /^[\x21-\x7e]+$/.test(token)) return;
  throw new TypeError(
    `${variable} is empty, or holds a blank, a line break or another character that no token has`,
  );
}

/** `{payload: …}`, around most of Chatwoot's lists (contract §3.4). */
export function payloadOf<T>(schema: z.ZodType<T>): z.ZodType<T> {
  return z.object({ payload: schema }).transform((answer) => answer.payload);
}
