import { createServer, type Server } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { type Fault, FaultList, type Faults } from './faults.ts';

export interface Call {
  readonly method: string;
  readonly path: string;
  readonly query: string;
  /** Epoch milliseconds. */
  readonly at: number;
  /** Null while it runs, and for good when the caller never got an answer. */
  readonly status: number | null;
  readonly ms: number | null;
  /** Who called, in the server's own words (`administrator`, `bot`, `none` …). */
  readonly tokenKind: string;
  readonly faulted: Fault['kind'] | null;
  /** A write that was answered as done, or would have been, whatever its caller was told. */
  readonly committed: boolean;
}

interface FaultyServer {
  readonly url: string;
  readonly port: number;
  readonly faults: Faults;
  calls(): readonly Call[];
  /** Ends every connection and frees the port. */
  close(): Promise<void>;
}

interface FaultyServerOptions {
  readonly port?: number;
  /** Where it listens; 127.0.0.1 by default. */
  readonly host?: string;
  readonly random?: () => number;
  readonly routes: (app: FastifyInstance) => void;
  readonly tokenKind: (request: FastifyRequest) => string;
  readonly isWrite: (method: string, path: string) => boolean;
  readonly onChange: (what: 'call' | 'faults') => void;
}

/** A real HTTP server, on loopback unless told otherwise, whose answers can go wrong in the ways of faults.ts. */
export async function startFaultyServer(options: FaultyServerOptions): Promise<FaultyServer> {
  const list = new FaultList(options.random);
  const calls: OpenCall[] = [];
  const callOf = new WeakMap<FastifyRequest, OpenCall>();
  const closing = new AbortController();
  const server = createServer();
  const app = fastify({
    bodyLimit: 20 * 1024 * 1024,
    serverFactory: (handler) => server.on('request', handler),
  });

  app.addHook('onRequest', async (request, reply) => {
    const [path = '/', query = ''] = request.url.split('?', 2);
    const fault = list.take(request.method, path);
    const call: OpenCall = {
      method: request.method,
      path,
      query,
      at: Date.now(),
      status: null,
      ms: null,
      tokenKind: options.tokenKind(request),
      fault,
      faulted: fault?.kind ?? null,
      committed: false,
    };
    calls.push(call);
    callOf.set(request, call);
    if (fault === null) return;
    options.onChange('call');
    return failBefore(fault, request, reply);
  });
  // With the body already read, so that the work is done although its caller has hung up meanwhile, as by Chatwoot.
  app.addHook('preHandler', async (request) => {
    const fault = callOf.get(request)?.fault;
    if (fault?.kind !== 'slow' || !fault.beforeCommit) return;
    await sleep(fault.ms, undefined, { signal: closing.signal }).catch(() => undefined);
  });
  app.addHook('onSend', async (request, reply, payload) => {
    const call = callOf.get(request);
    if (call === undefined) return payload;
    const handled = call.fault === null || !answersInstead(call.fault);
    if (handled && reply.statusCode < 400) call.committed = options.isWrite(call.method, call.path);
    return call.fault === null
      ? payload
      : await failAfter(call.fault, request, reply, payload, closing.signal);
  });
  app.addHook('onResponse', async (request, reply) => {
    const call = callOf.get(request);
    // Fastify also calls this for a connection that broke off before any answer.
    if (call === undefined || !reply.raw.headersSent) return;
    call.status = reply.statusCode;
    call.ms = Date.now() - call.at;
    options.onChange('call');
  });

  options.routes(app);
  await app.ready();
  const host = options.host ?? LOOPBACK;
  await listen(server, options.port ?? 0, host);
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the fake has no TCP address');
  const { port } = address;

  let resetting = false;
  server.on('connection', (socket) => {
    if (resetting) socket.resetAndDestroy();
  });

  const faults: Faults = {
    add(fault) {
      const remove = list.add(fault);
      options.onChange('faults');
      return () => {
        remove();
        options.onChange('faults');
      };
    },
    async down(how = 'refuse') {
      resetting = how === 'reset';
      if (resetting) server.closeAllConnections();
      else await stop(server);
      options.onChange('faults');
    },
    async up() {
      resetting = false;
      if (!server.listening) await listen(server, port, host);
      options.onChange('faults');
    },
    get isDown() {
      return resetting || !server.listening;
    },
    active: () => list.active(),
    async clear() {
      list.clear();
      await faults.up();
    },
  };

  return {
    url: `http://127.0.0.1:${port}`,
    port,
    faults,
    calls: () => calls.map(({ fault: _, ...call }) => call),
    async close() {
      closing.abort();
      await stop(server);
      await app.close();
    },
  };
}

const LOOPBACK = '127.0.0.1';

type OpenCall = { -readonly [Key in keyof Call]: Call[Key] } & { readonly fault: Fault | null };

/** Faults that keep the request from its handler. */
function failBefore(fault: Fault, request: FastifyRequest, reply: FastifyReply) {
  switch (fault.kind) {
    case 'status':
      if (fault.afterCommit) return;
      return reply
        .code(fault.status)
        .type('text/html')
        .send(fault.body ?? errorPage(fault.status));
    case 'rateLimit':
      if (fault.retryAfterSeconds !== undefined) reply.header('retry-after', String(fault.retryAfterSeconds));
      return reply.code(429).type('text/plain').send('Retry later\n');
    case 'timeoutBeforeCommit':
      return reply.hijack();
    case 'resetBeforeCommit':
      reply.hijack();
      request.raw.socket.resetAndDestroy();
      return reply;
    default:
      return;
  }
}

/** Faults that lose the answer of a request that was handled. */
async function failAfter(
  fault: Fault,
  request: FastifyRequest,
  reply: FastifyReply,
  payload: unknown,
  closing: AbortSignal,
): Promise<unknown> {
  switch (fault.kind) {
    case 'status':
      if (!fault.afterCommit) return payload;
      reply.code(fault.status).type('text/html').removeHeader('content-length');
      return fault.body ?? errorPage(fault.status);
    case 'slow':
      if (!fault.beforeCommit) await sleep(fault.ms, undefined, { signal: closing }).catch(() => undefined);
      return payload;
    case 'timeoutAfterCommit':
      return await never();
    case 'resetAfterCommit':
      request.raw.socket.resetAndDestroy();
      return await never();
    case 'badJson':
      reply.type('application/json').removeHeader('content-length');
      return '{"id": 1, "payl';
    default:
      return payload;
  }
}

function answersInstead(fault: Fault): boolean {
  return fault.kind === 'rateLimit' || (fault.kind === 'status' && !fault.afterCommit);
}

function errorPage(status: number): string {
  return `<html><head><title>${status}</title></head><body>We're sorry, but something went wrong.</body></html>`;
}

function never(): Promise<never> {
  return new Promise(() => undefined);
}

function listen(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

function stop(server: Server): Promise<void> {
  if (!server.listening) return Promise.resolve();
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
