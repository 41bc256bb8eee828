import { fastify } from 'fastify';

/**
 * A reference server: Fastify, the body read as bytes, and then `work`. It says its port in one line on standard
 * output; the bench waits for that.
 */
export async function serve(
  work: (body: Buffer, headers: Readonly<Record<string, unknown>>) => unknown,
): Promise<void> {
  const app = fastify({ bodyLimit: 5 * 1024 * 1024 });
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_request, body, done) =>
    done(null, body),
  );
  app.post('/webhooks/chatwoot', async (request, reply) => {
    const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
    await work(body, request.headers);
    return reply.header('content-type', 'application/json; charset=utf-8').send('{"status":"accepted"}');
  });
  await app.listen({ host: '127.0.0.1', port: Number(process.env.PORT) });
  process.stdout.write('listening\n');
}
