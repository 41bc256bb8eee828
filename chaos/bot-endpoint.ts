import { createServer } from 'node:http';
import { buffer } from 'node:stream/consumers';

/** Stands where the agent bot posts to, and passes on to the ingress what comes, or fails. */
export interface BotEndpoint {
  readonly url: string;
  /** Answers this to everything; null passes on. */
  fail(status: number | null): void;
  close(): Promise<void>;
}

/** @param ingressUrl the address of the webhook at the ingress */
export async function startBotEndpoint(ingressUrl: string): Promise<BotEndpoint> {
  let failing: number | null = null;
  const server = createServer(async (request, response) => {
    const body = await buffer(request);
    if (failing !== null) {
      response.writeHead(failing).end();
      return;
    }
    const { host: _, connection: __, 'content-length': ___, ...headers } = request.headers;
    const flat = Object.entries(headers).map(([name, value]): [string, string] => [name, String(value)]);
    const signal = AbortSignal.timeout(10_000);
    const status = await fetch(ingressUrl, { method: 'POST', headers: flat, body, signal }).then(
      (answer) => answer.status,
      () => 502,
    );
    response.writeHead(status).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no address');
  return {
    url: `http://127.0.0.1:${address.port}/webhooks/chatwoot`,
    fail(status) {
      failing = status;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
