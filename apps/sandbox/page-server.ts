import { readdir, readFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { type FastifyInstance, type FastifyReply, type FastifyRequest, fastify } from 'fastify';
import { z } from 'zod';
import type { Board } from './board.ts';
import { streamBoard } from './event-stream.ts';

/** What a visitor can do. Each throws {@link Refusal} for what makes no sense. */
interface Actions {
  /** Writes as a customer, into a conversation or a new one (null), and says which. */
  write(customer: string, text: string, conversation: number | null): Promise<{ conversation: number }>;
  experiment(name: string, target: string | null): Promise<void>;
}

/** An action that can't be done, in words for the visitor. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
}

export interface PageServer {
  readonly url: string;
  close(): Promise<void>;
}

export interface PageServerOptions {
  readonly port: number;
  /** 127.0.0.1 by default. In a container another one, with its port published on the loopback of the machine. */
  readonly host?: string;
  readonly board: Board;
  readonly actions: Actions;
}

/**
 * Serves the page, its event stream and its actions, to browsers that reach it as 127.0.0.1 or localhost only.
 *
 * @throws EADDRINUSE when the port is taken.
 */
export async function startPageServer(options: PageServerOptions): Promise<PageServer> {
  const { board, actions } = options;
  const app = fastify({ forceCloseConnections: true, bodyLimit: 64 * 1024 });
  app.addHook('onRequest', refuseStrangers);
  app.addHook('onSend', async (_request, reply) => void reply.headers(securityHeaders));
  app.setErrorHandler(answerError);
  await servePage(app);
  app.get('/api/events', (request, reply) => streamBoard(board, request, reply));
  app.post('/api/write', async (request) => {
    const { customer, text, conversation } = writeBody.parse(request.body);
    return actions.write(customer, text, conversation);
  });
  app.post('/api/experiment', async (request) => {
    const { name, target } = experimentBody.parse(request.body);
    await actions.experiment(name, target);
    return {};
  });
  await app.listen({ host: options.host ?? '127.0.0.1', port: options.port });
  const address = app.server.address();
  const port = typeof address === 'object' && address !== null ? address.port : options.port;
  return { url: `http://127.0.0.1:${port}`, close: () => app.close() };
}

const writeBody = z.strictObject({
  customer: z.string().max(50),
  text: z.string().trim().min(1, 'write something first').max(2_000, 'at most 2,000 characters'),
  conversation: z.int().nullable(),
});

const experimentBody = z.strictObject({
  name: z.string().max(50),
  target: z.string().max(50).nullable().default(null),
});

const securityHeaders = {
  'Content-Security-Policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'Cache-Control': 'no-store',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
};

/**
 * Only this machine's own page may talk to the sandbox. The host name is checked too: a foreign name that
 * resolves to 127.0.0.1 (DNS rebinding) would otherwise count as the same origin.
 */
async function refuseStrangers(request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
  const own = ['127.0.0.1', 'localhost'].map((name) => `${name}:${request.socket.localPort}`);
  const { host = '', origin } = request.headers;
  const foreignOrigin = origin !== undefined && !own.includes(origin.replace(/^http:\/\//, ''));
  if (!own.includes(host) || foreignOrigin) {
    return reply.code(403).send({ error: 'The sandbox answers its own page only.' });
  }
  const json = request.headers['content-type']?.startsWith('application/json') === true;
  if (request.method !== 'GET' && request.method !== 'HEAD' && !json) {
    return reply.code(415).send({ error: 'Actions are sent as application/json.' });
  }
  return undefined;
}

function answerError(error: unknown, _request: FastifyRequest, reply: FastifyReply): unknown {
  if (error instanceof z.ZodError) {
    return reply.code(400).send({ error: error.issues[0]?.message ?? 'not understood' });
  }
  if (error instanceof Refusal) return reply.code(409).send({ error: error.message });
  const status = error instanceof Error && 'statusCode' in error ? Number(error.statusCode) : 500;
  return reply.code(status).send({ error: error instanceof Error ? error.message : String(error) });
}

const mediaTypes: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
};

/** Every file of page/, read once: what isn't in the folder isn't served. */
async function servePage(app: FastifyInstance): Promise<void> {
  const folder = join(import.meta.dirname, 'page');
  for (const name of await readdir(folder)) {
    const type = mediaTypes[extname(name)];
    if (type === undefined) continue;
    const content = await readFile(join(folder, name));
    app.get(name === 'index.html' ? '/' : `/${name}`, (_request, reply) => reply.type(type).send(content));
  }
}
