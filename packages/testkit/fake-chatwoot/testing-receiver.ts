import { createServer, type IncomingHttpHeaders } from 'node:http';
import { text } from 'node:stream/consumers';
import { z } from 'zod';

export interface Received {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly raw: string;
  readonly body: Readonly<Record<string, unknown>>;
  readonly event: string;
}

export interface Receiver {
  readonly url: string;
  readonly received: Received[];
  events(): readonly string[];
  of(event: string): readonly Received[];
  close(): Promise<void>;
}

/** Someone to deliver to: keeps what comes and answers what `answer` says (200). */
export async function startReceiver(
  answer: (nth: number, path: string) => number | 'hang' | { readonly location: string } = () => 200,
): Promise<Receiver> {
  const received: Received[] = [];
  const server = createServer(async (request, response) => {
    const raw = await text(request);
    const body = z.record(z.string(), z.unknown()).parse(JSON.parse(raw));
    const path = request.url ?? '';
    received.push({ path, headers: request.headers, raw, body, event: String(body.event) });
    const said = answer(received.length, path);
    if (said === 'hang') return;
    if (typeof said === 'number') response.writeHead(said).end('ok');
    else response.writeHead(302, { location: said.location }).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no address');
  return {
    url: `http://127.0.0.1:${address.port}/hook`,
    received,
    events: () => received.map(({ event }) => event),
    of: (event) => received.filter((each) => each.event === event),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
