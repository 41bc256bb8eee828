import { createServer, request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http';

/** One POST on its way from Chatwoot to the ingress. */
export interface Passing {
  readonly deliveryId: string;
  readonly body: string;
  /** Epoch milliseconds. */
  readonly at: number;
}

export interface Passed {
  /** Null when no answer came. */
  readonly status: number | null;
  readonly ms: number;
  readonly body: string;
  readonly error: string | null;
}

export interface WireTap {
  readonly url: string;
  close(): Promise<void>;
}

/**
 * Stands between Chatwoot and the ingress and passes everything on untouched: Chatwoot throws answers away, and
 * the page wants to show them. `onPass` is told of each POST and returns who is told of its answer.
 *
 * @param target where the ingress listens, on this machine unless a host is named; when it isn't there the connection breaks, as it would without us
 */
export async function startWireTap(
  target: { readonly host?: string; readonly port: number },
  onPass: (passing: Passing) => (passed: Passed) => void,
): Promise<WireTap> {
  const server = createServer((request, response) => void pass(request, response));

  async function pass(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const at = Date.now();
    const body = await read(request);
    const startedAt = performance.now();
    const onAnswer = onPass({
      deliveryId: headerOf(request, 'x-chatwoot-delivery'),
      body: body.toString(),
      at,
    });
    const ms = () => performance.now() - startedAt;
    const outgoing = httpRequest(
      {
        host: target.host ?? '127.0.0.1',
        port: target.port,
        path: request.url,
        method: request.method,
        headers: request.headers,
      },
      async (answer) => {
        const answered = await read(answer);
        onAnswer({ status: answer.statusCode ?? null, ms: ms(), body: answered.toString(), error: null });
        response.writeHead(answer.statusCode ?? 502, answer.headers).end(answered);
      },
    );
    outgoing.on('error', (error) => {
      onAnswer({ status: null, ms: ms(), body: '', error: 'no answer: the ingress is not there' });
      response.destroy(error);
    });
    outgoing.end(body);
  }

  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the wire tap has no TCP port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function read(stream: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
}

function headerOf(request: IncomingMessage, name: string): string {
  const value = request.headers[name];
  return typeof value === 'string' ? value : '';
}
