import { connect, createServer, type Server, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** A TCP proxy on 127.0.0.1 that misbehaves on demand: the network between us and Redis. */
export interface ToxicProxy {
  readonly port: number;
  /** As a Redis URL. */
  readonly url: string;
  /** Drops every connection and refuses new ones. */
  cut(): Promise<void>;
  /** Accepts again, on the same port. */
  restore(): Promise<void>;
  /** Accepts, but passes nothing either way until `resume`: a dead peer that nobody has noticed. */
  stall(): void;
  /** Passes on, first what was held back. */
  resume(): void;
  /** Holds everything back by this long, each way. 0 ends it. */
  latency(ms: number): void;
  close(): Promise<void>;
}

/** What every connection of one proxy obeys. */
interface Conditions {
  latencyMs: number;
  /** Settled, unless the proxy is stalled. */
  gate: Promise<void>;
}

/** Starts a proxy to `targetPort` on 127.0.0.1. */
export async function startProxy(options: { targetPort: number }): Promise<ToxicProxy> {
  const conditions: Conditions = { latencyMs: 0, gate: Promise.resolve() };
  const sockets = new Set<Socket>();
  let openGate = () => {};
  const track = (socket: Socket) => {
    sockets.add(socket);
    // Resets are what this proxy is for; each end learns of the other's through 'close'.
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
    socket.setNoDelay(true);
  };
  const newServer = () =>
    createServer({ allowHalfOpen: true }, (client) => {
      const target = connect({ host: '127.0.0.1', port: options.targetPort, allowHalfOpen: true });
      for (const socket of [client, target]) track(socket);
      pass(client, target, conditions);
      pass(target, client, conditions);
    });
  let server: Server | null = newServer();
  const port = await listen(server, 0);

  const resume = () => {
    openGate();
    openGate = () => {};
    conditions.gate = Promise.resolve();
  };
  const cut = async () => {
    const closing = server;
    server = null;
    const closed = closing === null ? Promise.resolve() : closeServer(closing);
    for (const socket of sockets) socket.resetAndDestroy();
    await closed;
  };
  return {
    port,
    url: `redis://127.0.0.1:${port}`,
    cut,
    async restore() {
      if (server !== null) return;
      server = newServer();
      await listen(server, port);
    },
    stall() {
      resume();
      conditions.gate = new Promise((resolve) => {
        openGate = resolve;
      });
    },
    resume,
    latency(ms) {
      conditions.latencyMs = ms;
    },
    async close() {
      resume();
      await cut();
    },
  };
}

/** Passes one direction on, chunk by chunk and in order. */
function pass(from: Socket, to: Socket, conditions: Conditions): void {
  let last = Promise.resolve();
  let waiting = 0;
  const inTurn = (send: () => void) => {
    const dueAt = Date.now() + conditions.latencyMs;
    waiting += 1;
    // Past 64 chunks the sender is held back, or a long stall would gather everything in memory.
    if (waiting > 64) from.pause();
    last = last.then(async () => {
      const early = dueAt - Date.now();
      if (early > 0) await sleep(early, undefined, { ref: false });
      await conditions.gate;
      if (!to.destroyed) send();
      waiting -= 1;
      if (waiting === 0) from.resume();
    });
  };
  from.on('data', (chunk) => inTurn(() => to.write(chunk)));
  from.on('end', () => inTurn(() => to.end()));
  from.on('close', (hadError) => {
    if (hadError) to.resetAndDestroy();
  });
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      const address = server.address();
      if (address === null || typeof address === 'string') reject(new Error('the proxy has no TCP port'));
      else resolve(address.port);
    });
  });
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => server.close(() => resolve()));
}
