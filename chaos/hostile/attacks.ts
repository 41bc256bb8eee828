import { connect, type Socket } from 'node:net';
import { gzipSync } from 'node:zlib';

/** What a stranger does to an ingress. Each goes on until `signal`, on loopback, with what is said in `size`. */
export type Attack = (port: number, size: number, signal: AbortSignal) => Promise<void>;

/** A signature of the right form, by nobody: it gets past what the headers alone can tell. */
const forged = () =>
  `X-Chatwoot-Timestamp: ${Math.floor(Date.now() / 1000)}\r\nX-Chatwoot-Signature: sha256=${'0'.repeat(64)}\r\n`;
const post = (more: string) =>
  `POST /webhooks/chatwoot HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n${more}\r\n`;

export const attacks = {
  /** `size` connections send five megabytes and never the last byte. What is closed is opened again. */
  'unfinished-bodies': keepOpen((socket) => {
    const bytes = 5 * 1024 * 1024 - 1;
    socket.write(post(`${forged()}Content-Length: ${bytes + 1}\r\n`));
    socket.write(Buffer.alloc(bytes, 0x20));
  }),
  /** The same without a signature. */
  'unsigned-bodies': keepOpen((socket) => {
    const bytes = 5 * 1024 * 1024 - 1;
    socket.write(post(`Content-Length: ${bytes + 1}\r\n`));
    socket.write(Buffer.alloc(bytes, 0x20));
  }),
  /** Bodies that come in single bytes, each in a chunk of its own. */
  crumbs: keepOpen((socket, signal) => {
    socket.write(post(`${forged()}Transfer-Encoding: chunked\r\n`));
    const crumbs = Buffer.from('1\r\na\r\n'.repeat(1_000));
    every(500, socket, signal, () => socket.write(crumbs));
  }),
  /** A byte of a body each second. */
  'slow-bodies': keepOpen((socket, signal) => {
    socket.write(post(`${forged()}Content-Length: 100000\r\n`));
    every(1_000, socket, signal, () => socket.write('a'));
  }),
  'slow-headers': keepOpen((socket, signal) => {
    socket.write('POST /webhooks/chatwoot HTTP/1.1\r\nHost: x\r\nX-Slow: ');
    every(1_000, socket, signal, () => socket.write('a'));
  }),
  /** Asks once, is refused, and stays. */
  'idle-connections': keepOpen((socket) => socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n')),
  /** Connects and says nothing. */
  'silent-connections': keepOpen(() => {}),
  /** `size` requests without a signature, as fast as 50 connections can. */
  'unsigned-requests': flood(`${post('Content-Length: 2\r\n')}{}`),
  /** Forged ones, whose bodies have to be read and hashed. */
  'forged-requests': (port, size, signal) =>
    flood(`${post(`${forged()}Content-Length: 4096\r\n`)}${' '.repeat(4096)}`)(port, size, signal),
  /** A kilobyte that would be a megabyte. */
  gzip: (port, size, signal) => {
    const bomb = gzipSync(Buffer.alloc(1024 * 1024));
    const head = post(`${forged()}Content-Encoding: gzip\r\nContent-Length: ${bomb.length}\r\n`);
    return flood(Buffer.concat([Buffer.from(head), bomb]))(port, size, signal);
  },
} satisfies Readonly<Record<string, Attack>>;

export type AttackName = keyof typeof attacks;

/** Holds `size` connections, each begun by `begin`, and opens a new one for each that is closed. */
function keepOpen(begin: (socket: Socket, signal: AbortSignal) => void): Attack {
  return async (port, size, signal) => {
    const sockets = new Set<Socket>();
    function open(): void {
      if (signal.aborted) return;
      const socket = connect(port, '127.0.0.1', () => begin(socket, signal));
      sockets.add(socket);
      socket.on('error', () => {});
      socket.resume();
      socket.on('close', () => {
        sockets.delete(socket);
        // Not at once: it is the ingress that is tried, not how fast the kernel makes connections.
        setTimeout(open, 1_000);
      });
    }
    // In waves that the backlog of a listening socket holds.
    for (let opened = 0; opened < size && !signal.aborted; opened += 1) {
      open();
      if (opened % 100 === 99) await new Promise((resolve) => setTimeout(resolve, 20));
    }
    await aborted(signal);
    for (const socket of sockets) socket.destroy();
  };
}

/** `size` requests, one on each connection, 50 at a time. */
function flood(request: string | Buffer): Attack {
  return async (port, size, signal) => {
    let left = size;
    const one = () =>
      new Promise<void>((resolve) => {
        const socket = connect(port, '127.0.0.1', () => socket.write(request));
        socket.on('error', () => {});
        // One that stays open after its answer would never end.
        socket.on('data', () => socket.end());
        socket.on('close', () => resolve());
      });
    await Promise.all(
      Array.from({ length: 50 }, async () => {
        while (left > 0 && !signal.aborted) {
          left -= 1;
          await one();
        }
      }),
    );
  };
}

function every(ms: number, socket: Socket, signal: AbortSignal, work: () => void): void {
  const timer = setInterval(() => {
    if (socket.writable && !signal.aborted) work();
    else clearInterval(timer);
  }, ms);
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
