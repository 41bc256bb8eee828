import type { Server, Socket } from 'node:net';
import { fastify } from 'fastify';
import type { Health, HealthReport } from './health.ts';
import type { Metrics } from './metrics.ts';
import { createRendering } from './rendering.ts';

export interface AdminServer {
  /** The port it listens on; differs from the one asked for when that was 0. */
  readonly port: number;
  close(): Promise<void>;
}

export interface AdminSettings {
  readonly host: string;
  readonly port: number;
  readonly health: Health;
  readonly metrics: Metrics;
}

/** Enough for Prometheus, probes and a few who look. */
const CONNECTIONS = 64;

/** `GET /metrics`, `/healthz` and `/readyz` on their own port, away from the public one. */
export async function startAdminServer(settings: AdminSettings): Promise<AdminServer> {
  const { health, metrics } = settings;
  const app = fastify({
    forceCloseConnections: true,
    keepAliveTimeout: 5_000,
    requestTimeout: 5_000,
    bodyLimit: 1_024,
    http: { headersTimeout: 2_000, maxHeaderSize: 8_192, connectionsCheckingInterval: 1_000 },
  });
  boundConnections(app.server, CONNECTIONS);
  const rendering = createRendering(() => metrics.registry.metrics());
  app.get('/metrics', async (_request, reply) =>
    reply.type(metrics.registry.contentType).send(await rendering.latest()),
  );
  app.get('/healthz', async (_request, reply) => answer(health.alive(), 'alive', 'unwell', reply));
  app.get('/readyz', async (_request, reply) => answer(health.readiness(), 'ready', 'not ready', reply));
  await app.listen({ host: settings.host, port: settings.port });
  const address = app.server.address();
  const port = typeof address === 'object' && address !== null ? address.port : settings.port;
  return { port, close: () => app.close() };
}

/** Whoever has been connected longest makes room: a probe that asks and goes is always let in. */
function boundConnections(server: Server, most: number): void {
  const open = new Set<Socket>();
  server.on('connection', (socket) => {
    open.add(socket);
    socket.once('close', () => open.delete(socket));
    const [longest] = open;
    if (open.size <= most || longest === undefined) return;
    open.delete(longest);
    longest.destroy();
  });
}

function answer(
  report: HealthReport,
  good: string,
  bad: string,
  reply: { code(status: number): { send(body: unknown): unknown } },
): unknown {
  return reply.code(report.ok ? 200 : 503).send({ ...report.detail, status: report.ok ? good : bad });
}
