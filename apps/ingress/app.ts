import type { Readable } from 'node:stream';
import underPressure from '@fastify/under-pressure';
import type { IngressSettings } from '@switchyard/config';
import type { Logger } from '@switchyard/telemetry';
import {
  type FastifyError,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  fastify,
} from 'fastify';
import { type Answer, answerOf, UNAUTHORIZED } from './answer.ts';
import { createBodyBudget } from './bodies/body-budget.ts';
import { type BodyFault, BodyRefused } from './bodies/body-refused.ts';
import { createPace } from './bodies/pace.ts';
import { readBody } from './bodies/read-body.ts';
import { createComplaints } from './complaints.ts';
import { trustedProxies } from './connections/address.ts';
import { createConnections } from './connections/connections.ts';
import type { IngressMetrics } from './ingress-metrics.ts';
import { type Received, type ReceiveParts, receive } from './receive.ts';
import { type Credentials, refusalBeforeBody } from './sources.ts';

export interface IngressParts extends ReceiveParts {
  readonly log: Logger;
  readonly metrics: IngressMetrics;
  readonly http: IngressSettings;
}

const KEEP_ALIVE_MS = 72_000;
const HEADER_BYTES = 16 * 1024;
const RETRY_AFTER_SECONDS = 1;
/** Beside the connections that are meant to be held: one may have to close before the next is counted. */
const SPARE_CONNECTIONS = 256;

const PATH = '/webhooks/chatwoot';
const DEFAULT_SOURCE = 'default';

/** The public HTTP side of the ingress, composed but not listening. */
export function buildIngress(parts: IngressParts): FastifyInstance {
  const { http } = parts;
  const complaints = createComplaints(parts.log);
  const app = fastify({
    bodyLimit: http.bodyBytes,
    requestTimeout: http.requestMs,
    keepAliveTimeout: KEEP_ALIVE_MS,
    trustProxy: http.trustProxy,
    http: {
      headersTimeout: Math.min(http.headersMs, http.requestMs),
      maxHeaderSize: HEADER_BYTES,
      connectionsCheckingInterval: Math.min(1_000, http.headersMs),
    },
    // A request that reaches us while we stop is still taken: its sender would not send it again.
    return503OnClosing: false,
    forceCloseConnections: 'idle',
    exposeHeadRoutes: false,
  });
  app.server.maxConnections = http.connections + SPARE_CONNECTIONS;
  const connections = createConnections({
    total: http.connections,
    perAddress: http.connectionsPerAddress,
    onClosed: refused,
  });
  const isProxy = trustedProxies(http.trustProxy);
  app.server.on('connection', (socket) => {
    const address = socket.remoteAddress ?? '';
    connections.opened(socket, isProxy(address) ? null : address);
  });
  const pace = createPace();
  const budget = createBodyBudget({
    totalBytes: Math.max(http.unverifiedBytes, 2 * http.bodyBytes),
    bodyBytes: http.bodyBytes,
  });

  // Better some requests refused quickly than all of them answered too late. 429, not 503: Chatwoot tries an
  // agent bot's delivery again on 429 and 500 only (contract §1.4).
  app.register(underPressure, {
    maxEventLoopDelay: http.lagMs,
    sampleInterval: Math.min(500, http.lagMs),
    exposeStatusRoute: false,
    pressureHandler: (_request, reply) => {
      refused('overload');
      sayTooBusy(reply);
    },
  });

  // The bytes as they came: the signature is over them, and nothing is parsed before it is verified.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', async (request: FastifyRequest, payload: Readable) => {
    const declared = request.headers['content-length'];
    const length = declared === undefined ? null : Number(declared);
    const body = await readBody(payload, length, http.bodyBytes, budget, pace);
    connections.arrived(request.socket);
    return body;
  });

  // Registered after the plugin, so that its check comes first. What can be refused by its headers is refused here,
  // before its body is read; the connection of whatever is refused is closed.
  app.after(() => {
    app.addHook('onRequest', async (request, reply) => {
      if (!connections.began(request.socket, request.ip)) {
        refused('address-share');
        return sayTooBusy(reply);
      }
      if (request.is404) return sayNothingHere(request, reply);
      const reason = refusalBeforeBody(credentialsOf(request), parts.sources, parts.now());
      if (reason === null) return;
      refused(reason);
      return say(reply, UNAUTHORIZED);
    });
    app.addHook('onResponse', async (request, reply) =>
      connections.answered(request.socket, reply.getHeader('connection') !== 'close'),
    );
    for (const path of [PATH, `${PATH}/:source`, `${PATH}/:source/:token`]) app.post(path, handle);
  });
  app.setNotFoundHandler(sayNothingHere);
  app.setErrorHandler<FastifyError>((error, _request, reply) => {
    const { reason, answer } = refusalOf(error);
    if (reason === 'unfinished') refused(reason);
    else parts.metrics.rejected(reason);
    if (answer.status >= 500) parts.log.error({ err: error }, 'a request failed');
    return say(reply, answer);
  });

  async function handle(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    const startedAt = performance.now();
    const { headers, body } = request;
    const received = await receive(
      {
        ...credentialsOf(request),
        rawBody: Buffer.isBuffer(body) ? body : Buffer.alloc(0),
        deliveryHeader: single(headers['x-chatwoot-delivery']),
        caller: single(headers.traceparent),
      },
      parts,
    );
    parts.metrics.received(received, (performance.now() - startedAt) / 1000);
    tell(parts.log, complaints, received);
    return say(reply, answerOf(received), 'delivery' in received);
  }

  function sayNothingHere(request: FastifyRequest, reply: FastifyReply): FastifyReply {
    const isWebhook = /^\/webhooks\/chatwoot(\/[^/?]+){0,2}(\?|$)/.test(request.url);
    const wrongMethod = isWebhook && request.method !== 'POST';
    parts.metrics.rejected(wrongMethod ? 'method' : 'path');
    if (wrongMethod) return say(reply.header('allow', 'POST'), { status: 405, body: { error: 'only POST' } });
    return say(reply, { status: 404, body: { error: 'nothing here' } });
  }

  function refused(reason: string): void {
    parts.metrics.rejected(reason);
    complaints.add(reason);
  }

  return app;
}

/** One line a delivery at `debug`, at `warn` what someone should look at; a flood of refusals becomes one line. */
function tell(log: Logger, complaints: ReturnType<typeof createComplaints>, received: Received): void {
  if (!('delivery' in received)) {
    const reason = 'reason' in received ? received.reason : received.result;
    complaints.add(reason);
    return;
  }
  const fields = {
    delivery: received.delivery,
    source: received.source.name,
    event: received.event,
    queues: received.queues,
    ...(received.reason === null ? {} : { reason: received.reason }),
    ...(received.traceId === undefined ? {} : { trace_id: received.traceId }),
  };
  if (received.result === 'failed')
    log.error({ ...fields, err: received.error }, 'delivery could not be made durable');
  else if (received.result === 'accepted' || received.result === 'spooled')
    log.info(fields, `delivery ${received.result}`);
  else log.debug(fields, `delivery ${received.result}`);
}

/** What a request shows of its sender, without its body. */
function credentialsOf(request: FastifyRequest): Omit<Credentials, 'rawBody'> {
  const { headers, params } = request;
  return {
    sourceName: param(params, 'source') ?? DEFAULT_SOURCE,
    token: param(params, 'token'),
    signature: single(headers['x-chatwoot-signature']),
    timestamp: single(headers['x-chatwoot-timestamp']),
    address: request.ip,
  };
}

function param(params: unknown, name: string): string | undefined {
  const value: unknown =
    typeof params === 'object' && params !== null ? Reflect.get(params, name) : undefined;
  return typeof value === 'string' ? value : undefined;
}

const OF_BODY: Readonly<Record<BodyFault, Answer>> = {
  'too-large': { status: 413, body: { error: 'the body is too large' } },
  unfinished: { status: 408, body: { error: 'the body took too long to arrive' } },
  'cut-off': { status: 400, body: { error: 'the request is not well-formed' } },
};

/** Errors of the HTTP layer, as answers. What went wrong inside stays inside. */
function refusalOf(error: FastifyError | BodyRefused): { readonly reason: string; readonly answer: Answer } {
  if (error instanceof BodyRefused) return { reason: error.reason, answer: OF_BODY[error.reason] };
  if (error.code === 'FST_ERR_CTP_BODY_TOO_LARGE')
    return { reason: 'too-large', answer: OF_BODY['too-large'] };
  if (error.code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE')
    return { reason: 'media-type', answer: { status: 415, body: { error: 'send application/json' } } };
  const status = error.statusCode ?? 500;
  if (status >= 400 && status < 500) {
    return {
      reason: 'bad-request',
      answer: { status: 400, body: { error: 'the request is not well-formed' } },
    };
  }
  return { reason: 'error', answer: { status: 500, body: { error: 'could not be made durable' } } };
}

/** Only a delivery that was verified earns its connection a longer life. */
function say(reply: FastifyReply, { status, body }: Answer, keepAlive = false): FastifyReply {
  if (!keepAlive) reply.header('connection', 'close');
  return reply
    .code(status)
    .header('content-type', 'application/json; charset=utf-8')
    .send(JSON.stringify(body));
}

function sayTooBusy(reply: FastifyReply): FastifyReply {
  return say(reply.header('retry-after', String(RETRY_AFTER_SECONDS)), {
    status: 429,
    body: { error: 'too busy for a moment; try again' },
  });
}

/** A header given twice is nobody's: Chatwoot sends each once. */
function single(value: string | string[] | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
