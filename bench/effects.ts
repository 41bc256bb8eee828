import { createServer } from 'node:http';

/** What the workers write to: answers every POST after `delayMs` and keeps when each came. */
export interface EffectTarget {
  readonly url: string;
  /** Milliseconds on `performance.now()`'s clock, in order of arrival. */
  readonly arrivals: number[];
  /** By the `delivery` of the body. */
  readonly arrivalOf: Map<string, number>;
  delayMs: number;
  /** Resolves when so many have come since the last `clear`. */
  reached(count: number): Promise<void>;
  clear(): void;
  close(): Promise<void>;
}

export async function startEffectTarget(): Promise<EffectTarget> {
  const waiting: { count: number; resolve: () => void }[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => {
      body += chunk.toString();
    });
    request.on('end', () => {
      const now = performance.now();
      target.arrivals.push(now);
      target.arrivalOf.set(/"delivery":"([^"]+)"/.exec(body)?.[1] ?? '', now);
      const answer = () => response.writeHead(200, { 'content-type': 'application/json' }).end('{"ok":true}');
      if (target.delayMs === 0) answer();
      else setTimeout(answer, target.delayMs);
      for (const one of waiting.filter(({ count }) => target.arrivals.length >= count)) one.resolve();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const target: EffectTarget = {
    url: `http://127.0.0.1:${port}/effects`,
    arrivals: [],
    arrivalOf: new Map(),
    delayMs: 0,
    reached(count) {
      if (target.arrivals.length >= count) return Promise.resolve();
      return new Promise((resolve) => waiting.push({ count, resolve }));
    },
    clear() {
      target.arrivals.length = 0;
      target.arrivalOf.clear();
      waiting.length = 0;
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return target;
}
