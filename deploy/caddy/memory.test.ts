import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import { request } from 'node:https';
import { join } from 'node:path';
import { findCaddy } from '@switchyard/testkit';
import { describe, expect, onTestFinished, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { programOrNull } from '../testing-programs.ts';
import { type CaddyServer, startCaddy } from './testing-caddy.ts';
import { sendUnfinished } from './testing-strangers.ts';

const MB = 1024 * 1024;
const compose = z
  .object({
    services: z.object({
      caddy: z.object({
        mem_limit: z.string().regex(/^\d+m$/),
        ulimits: z.object({ nofile: z.object({ soft: z.number(), hard: z.number() }) }),
        environment: z.object({ GOMEMLIMIT: z.string().regex(/^\d+MiB$/) }),
      }),
    }),
  })
  .parse(parse(readFileSync(join(import.meta.dirname, '../../docker-compose.yml'), 'utf8'), { merge: true }));
const { mem_limit, ulimits, environment } = compose.services.caddy;
const limit = Number.parseInt(mem_limit, 10) * MB;
const limits = { memory: environment.GOMEMLIMIT, files: ulimits.nofile.hard };

const caddy = process.platform === 'linux' ? await programOrNull('Caddy', () => findCaddy()) : null;

test('Caddy frees memory before its container is killed for it', () => {
  expect(Number.parseInt(environment.GOMEMLIMIT, 10) * MB).toBeLessThan(0.85 * limit);
  expect(ulimits.nofile.soft).toBe(ulimits.nofile.hard);
});

describe.skipIf(caddy === null)('a real Caddy with the shipped Caddyfile, under its limit in compose', () => {
  test('outlives 16 unsigned posts of 4.5 MB at once', async () => {
    const server = await begin();
    const strangers = await sendUnfinished(server.port, 16, 4_500_000);
    onTestFinished(strangers.close);
    expect(strangers.open()).toBe(16);
    expect((await post(server.port)).status).toBe(200);
    // What 16 of them took when their whole bodies were kept: 222 MB.
    expect(await server.peakMemory()).toBeLessThan(100 * MB);
  }, 120_000);

  test('has memory for as many unfinished bodies as it may have connections', async () => {
    const server = await begin();
    const before = await server.peakMemory();
    const count = 400;
    const strangers = await sendUnfinished(server.port, count, 60_000);
    onTestFinished(strangers.close);
    expect(strangers.open()).toBe(count);
    expect((await post(server.port)).status).toBe(200);
    const each = ((await server.peakMemory()) - before) / count;
    expect(before + each * limits.files).toBeLessThan(limit);
  }, 120_000);

  test('tells browsers to come by TLS only, whatever it answers, and closes on who is refused', async () => {
    const server = await begin();
    const taken = await post(server.port);
    const refused = await post(server.port, '/elsewhere');
    expect([taken.status, refused.status]).toEqual([200, 404]);
    for (const { headers } of [taken, refused])
      expect(headers['strict-transport-security']).toBe('max-age=31536000');
    expect(refused.headers.connection).toBe('close');
  }, 120_000);
});

/** Caddy before an ingress that takes whatever comes: the worst case, since ours refuses before the body. */
async function begin(): Promise<CaddyServer> {
  const ingress = createServer((incoming, answer) => {
    incoming.on('error', () => {});
    incoming.resume().on('end', () => answer.end('{}'));
  });
  ingress.listen(0, '127.0.0.1');
  await once(ingress, 'listening');
  const { port } = z.object({ port: z.number() }).parse(ingress.address());
  const server = await startCaddy([port, port], limits);
  onTestFinished(async () => {
    await server.close();
    ingress.closeAllConnections();
    ingress.close();
  });
  return server;
}

function post(
  port: number,
  path = '/webhooks/chatwoot',
): Promise<{
  readonly status: number | undefined;
  readonly headers: IncomingHttpHeaders;
}> {
  return new Promise((resolve, reject) => {
    const asking = request(
      {
        port,
        path,
        host: '127.0.0.1',
        servername: 'localhost',
        method: 'POST',
        rejectUnauthorized: false,
        headers: { host: 'localhost', 'content-type': 'application/json' },
      },
      (answer) => {
        answer.resume();
        resolve({ status: answer.statusCode, headers: answer.headers });
      },
    );
    asking.on('error', reject).end('{}');
  });
}
