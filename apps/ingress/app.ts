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
import { type Answer, answerOf } from './answer.ts';
import { createComplaints } from './complaints.ts';
import type { IngressMetrics } from './ingress-metrics.ts';
import { type Received, type ReceiveParts, receive } from './receive.ts';

export interface IngressParts extends ReceiveParts {
  readonly log: Logger;
  readonly metrics: IngressMetrics;
  readonly http: IngressSettings;
}

const KEEP_ALIVE_MS = 72_000;
const HEADER_BYTES = 16 * 1024;
const RETRY_AFTER_SECONDS = 1;

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
  app.server.maxConnections = http.connections;

  // Better some requests refused quickly than all of them answered too late. 429, not 503: Chatwoot tries an
  // agent bot's delivery again on 429 and 500 only (contract §1.4).
  app.register(underPressure, {
    maxEventLoopDelay: http.lagMs,
    sampleInterval: Math.min(500, http.lagMs),
    exposeStatusRoute: false,
    pressureHandler: (_request, reply) => {
      parts.metrics.rejected('overload');
      complaints.add('overload');
      say(reply.header('retry-after', String(RETRY_AFTER_SECONDS)), {
        status: 429,
        body: { error: 'too busy for a moment; try again' },
      });
    },
  });

  // The bytes as they came: the signature is over them, and nothing is parsed before it is verified.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_request, body, done) =>
    done(null, body),
  );

  // Registered after the plugin, so that its check comes before the body is read.
  app.after(() => {
    app.post(PATH, (request, reply) => handle(request, reply, DEFAULT_SOURCE));
    app.post<{ Params: { source: string } }>(`${PATH}/:source`, (request, reply) =>
      handle(request, reply, request.params.source),
    );
    app.post<{ Params: { source: string; token: string } }>(`${PATH}/:source/:token`, (request, reply) =>
      handle(request, reply, request.params.source, request.params.token),
    );
  });
  app.setNotFoundHandler((request, reply) => {
    const isWebhook = /^\/webhooks\/chatwoot(\/[^/?]+){0,2}(\?|$)/.test(request.url);
    const wrongMethod = isWebhook && request.method !== 'POST';
    parts.metrics.rejected(wrongMethod ? 'method' : 'path');
    if (wrongMethod) return say(reply.header('allow', 'POST'), { status: 405, body: { error: 'only POST' } });
    return say(reply, { status: 404, body: { error: 'nothing here' } });
  });
  app.setErrorHandler<FastifyError>((error, _request, reply) => {
    const { reason, answer } = refusalOf(error);
    parts.metrics.rejected(reason);
    if (answer.status >= 500) parts.log.error({ err: error }, 'a request failed');
    return say(reply, answer);
  });

  async function handle(
    request: FastifyRequest,
    reply: FastifyReply,
    sourceName: string,
    token?: string,
  ): Promise<FastifyReply> {
    const startedAt = performance.now();
    const { headers, body } = request;
    const received = await receive(
      {
        sourceName,
        rawBody: Buffer.isBuffer(body) ? body : Buffer.alloc(0),
        deliveryHeader: single(headers['x-chatwoot-delivery']),
        signature: single(headers['x-chatwoot-signature']),
        timestamp: single(headers['x-chatwoot-timestamp']),
        token,
        address: request.ip,
        caller: single(headers.traceparent),
      },
      parts,
    );
    parts.metrics.received(received, (performance.now() - startedAt) / 1000);
    tell(parts.log, complaints, received);
    return say(reply, answerOf(received));
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

/** Errors of the HTTP layer, as answers. What went wrong inside stays inside. */
function refusalOf(error: FastifyError): { readonly reason: string; readonly answer: Answer } {
  switch (error.code) {
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
      return { reason: 'too-large', answer: { status: 413, body: { error: 'the body is too large' } } };
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
      return { reason: 'media-type', answer: { status: 415, body: { error: 'send application/json' } } };
    default:
  }
  const status = error.statusCode ?? 500;
  if (status >= 400 && status < 500) {
    return {
      reason: 'bad-request',
      answer: { status: 400, body: { error: 'the request is not well-formed' } },
    };
  }
  return { reason: 'error', answer: { status: 500, body: { error: 'could not be made durable' } } };
}

function say(reply: FastifyReply, { status, body }: Answer): FastifyReply {
  return reply
    .code(status)
    .header('content-type', 'application/json; charset=utf-8')
    .send(JSON.stringify(body));
}

/** A header given twice is nobody's: Chatwoot sends each once. */
function single(value: string | string[] | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
