import { connect, type Socket } from 'node:net';

export interface LoadResult {
  readonly requests: number;
  readonly seconds: number;
  /** Answers by HTTP status. */
  readonly statuses: Readonly<Record<string, number>>;
  /** Answers by the `status` of their JSON body, where they have one. */
  readonly outcomes: Readonly<Record<string, number>>;
  /** Milliseconds from the request's last byte to the answer's first, sorted. */
  readonly latencies: Float64Array;
}

export interface LoadSettings {
  readonly port: number;
  readonly connections: number;
  /** Requests a second over all connections; as fast as they are answered when left out. */
  readonly rate?: number;
  /** Told of each request as its last byte leaves, with its index and the moment on `performance.now()`'s clock. */
  readonly onSend?: (index: number, at: number) => void;
}

/**
 * Sends ready-made requests to 127.0.0.1 over kept-alive connections, one at a time on each, and measures. Plain
 * sockets, because every request has a body and a signature of its own, and a client that builds them while the
 * clock runs would take the processor from the server it measures.
 */
export async function load(
  requests: readonly Buffer[],
  { port, connections, rate, onSend }: LoadSettings,
): Promise<LoadResult> {
  const latencies = new Float64Array(requests.length);
  const statuses: Record<string, number> = {};
  const outcomes: Record<string, number> = {};
  let next = 0;
  let answered = 0;
  const startedAt = performance.now();

  async function runConnection(): Promise<void> {
    const socket = await open(port);
    try {
      while (next < requests.length) {
        const index = next++;
        const request = requests[index];
        if (request === undefined) return;
        // At a fixed rate the clock of a request starts when it is due, so a stall is seen by all it delays.
        const dueAt = rate === undefined ? performance.now() : startedAt + (index / rate) * 1000;
        if (rate !== undefined) await until(dueAt);
        onSend?.(index, performance.now());
        const answer = await exchange(socket, request);
        latencies[index] = performance.now() - dueAt;
        answered += 1;
        statuses[answer.status] = (statuses[answer.status] ?? 0) + 1;
        if (answer.outcome !== null) outcomes[answer.outcome] = (outcomes[answer.outcome] ?? 0) + 1;
      }
    } finally {
      socket.destroy();
    }
  }

  await Promise.all(Array.from({ length: connections }, runConnection));
  const seconds = (performance.now() - startedAt) / 1000;
  return { requests: answered, seconds, statuses, outcomes, latencies: latencies.sort() };
}

function open(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port, noDelay: true });
    socket.once('connect', () => resolve(socket)).once('error', reject);
  });
}

async function until(dueAt: number): Promise<void> {
  const wait = dueAt - performance.now();
  if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
}

interface Answer {
  readonly status: string;
  readonly outcome: string | null;
}

function exchange(socket: Socket, request: Buffer): Promise<Answer> {
  return new Promise((resolve, reject) => {
    let text = '';
    const onData = (chunk: Buffer) => {
      text += chunk.toString('latin1');
      const headEnd = text.indexOf('\r\n\r\n');
      if (headEnd === -1) return;
      const length = Number(/content-length: (\d+)/i.exec(text)?.[1] ?? 0);
      if (text.length < headEnd + 4 + length) return;
      done();
      resolve({ status: text.slice(9, 12), outcome: /"status":"(\w+)"/.exec(text)?.[1] ?? null });
    };
    const onEnd = () => {
      done();
      reject(new Error('the server closed a connection in the middle of an exchange'));
    };
    const onError = (error: Error) => {
      done();
      reject(error);
    };
    const done = () => socket.off('data', onData).off('close', onEnd).off('error', onError);
    socket.on('data', onData).on('close', onEnd).on('error', onError);
    socket.write(request);
  });
}
