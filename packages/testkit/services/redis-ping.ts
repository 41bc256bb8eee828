import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Waits until a Redis answers PING with PONG: while it reads its data back it answers LOADING.
 *
 * @throws after `ms` without a PONG; the message has its last answer.
 */
export async function untilPong(host: string, port: number, ms: number): Promise<void> {
  const deadline = Date.now() + ms;
  for (;;) {
    const answer = await ping(host, port);
    if (answer.startsWith('+PONG')) return;
    if (Date.now() > deadline)
      throw new Error(`Redis on port ${port} did not answer PING with PONG: ${answer}`);
    await sleep(20);
  }
}

function ping(host: string, port: number): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: 1_000 });
    const settle = (answer: string) => {
      socket.destroy();
      resolve(answer.trim());
    };
    socket.once('connect', () => socket.write('PING\r\n'));
    socket.once('data', (data) => settle(data.toString()));
    socket.once('timeout', () => settle('no answer within a second'));
    socket.once('error', (error) => settle(error.message));
    socket.once('close', () => settle('the connection was closed'));
  });
}
