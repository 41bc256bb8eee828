import { once } from 'node:events';
import { connect, type TLSSocket } from 'node:tls';

const BETWEEN = 50;

/** Connections that have sent what they will send, and wait. */
export interface Strangers {
  /** How many of them hold a connection now. */
  open(): number;
  close(): void;
}

/**
 * Opens connections to Caddy, each with an unsigned delivery of which the last byte never comes.
 *
 * @param bytes that each sends of its body
 */
export async function sendUnfinished(port: number, count: number, bytes: number): Promise<Strangers> {
  const body = Buffer.alloc(bytes, 'x');
  const sockets: TLSSocket[] = [];
  async function one(): Promise<void> {
    const socket = connect({ port, host: '127.0.0.1', servername: 'localhost', rejectUnauthorized: false });
    sockets.push(socket);
    socket.on('error', () => {});
    socket.resume();
    await once(socket, 'secureConnect');
    socket.write(
      `POST /webhooks/chatwoot HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: ${bytes + 1}\r\n\r\n`,
    );
    await Promise.race([
      new Promise<void>((resolve) => socket.write(body, () => resolve())),
      once(socket, 'close'),
    ]);
  }
  for (let sent = 0; sent < count; sent += BETWEEN) {
    await Promise.all(Array.from({ length: Math.min(BETWEEN, count - sent) }, one));
  }
  return {
    open: () => sockets.filter((socket) => !socket.closed).length,
    close: () => {
      for (const socket of sockets) socket.destroy();
    },
  };
}
