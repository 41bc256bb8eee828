import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type AdminServer, startAdminServer } from './admin-server.ts';
import { createHealth, type Health } from './health.ts';
import { createMetrics } from './metrics.ts';

describe('the admin server', () => {
  let health: Health;
  let server: AdminServer;

  beforeEach(async () => {
    health = createHealth();
    const metrics = createMetrics({ app: 'ingress', version: '1.2.3' });
    server = await startAdminServer({ host: '127.0.0.1', port: 0, health, metrics });
  });

  afterEach(() => server.close());

  const get = (path: string, method = 'GET') => fetch(`http://127.0.0.1:${server.port}${path}`, { method });

  it('gives the metrics as Prometheus reads them', async () => {
    const answer = await get('/metrics');
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/);
    expect(await answer.text()).toContain('switchyard_build_info{app="ingress"');
  });

  it('says whether it is able to work', async () => {
    const redis = health.dependency('redis');
    await expectAnswer('/readyz', 503, { status: 'not ready', redis: 'not there yet' });
    redis.ready();
    await expectAnswer('/readyz', 200, { status: 'ready', redis: 'ok' });
    health.stopping();
    await expectAnswer('/readyz', 503, { status: 'not ready', redis: 'ok', process: 'stopping' });
  });

  it('says whether it is alive', async () => {
    let wrong: string | null = null;
    health.liveness(() => wrong);
    await expectAnswer('/healthz', 200, { status: 'alive' });
    wrong = 'stuck';
    await expectAnswer('/healthz', 503, { status: 'unwell', 0: 'stuck' });
  });

  it('answers with the status, whatever a dependency is called', async () => {
    health.dependency('status').ready('fine');
    await expectAnswer('/readyz', 200, { status: 'ready' });
  });

  it.each([
    ['GET', '/', 404],
    ['GET', '/metrics/x', 404],
    ['POST', '/metrics', 404],
    ['HEAD', '/healthz', 200],
  ])('answers %s %s with %i', async (method, path, status) => {
    expect((await get(path, method)).status).toBe(status);
  });

  it('closes at once, with connections open', async () => {
    await (await get('/healthz')).text();
    const startedAt = performance.now();
    await server.close();
    expect(performance.now() - startedAt).toBeLessThan(4_000);
    await expect(get('/healthz')).rejects.toThrow();
  });

  async function expectAnswer(path: string, status: number, body: object): Promise<void> {
    const answer = await get(path);
    expect(answer.status).toBe(status);
    expect(answer.headers.get('content-type')).toMatch(/^application\/json/);
    expect(await answer.json()).toEqual(body);
  }
});
