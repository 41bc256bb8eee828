import { connect, createServer, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startProxy, type ToxicProxy } from './toxic-proxy.ts';

let echo: Server;
let proxy: ToxicProxy;
const sockets: Socket[] = [];

beforeEach(async () => {
  echo = createServer((socket) => {
    socket.on('error', () => {});
    socket.pipe(socket);
  });
  await new Promise<void>((resolve) => echo.listen(0, '127.0.0.1', resolve));
  const address = echo.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  proxy = await startProxy({ targetPort: address.port });
});

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await proxy.close();
  await new Promise((resolve) => echo.close(resolve));
});

describe('startProxy', () => {
  it('passes bytes both ways and in order', async () => {
    const socket = await dial();
    const sent = 'x'.repeat(300_000);
    socket.end(sent);
    expect(await readAll(socket)).toBe(sent);
  });

  it('breaks connections and refuses new ones when cut, until restored', async () => {
    const socket = await dial();
    const closed = new Promise((resolve) => socket.once('close', resolve));
    await proxy.cut();
    await closed;
    await expect(dial()).rejects.toThrow(/ECONNREFUSED/);
    await proxy.restore();
    expect(await ask(await dial(), 'hello')).toBe('hello');
  });

  it('accepts and passes nothing while stalled, then everything', async () => {
    const before = await dial();
    proxy.stall();
    const during = await dial();
    const answers = Promise.all([ask(before, 'one'), ask(during, 'two')]);
    expect(await Promise.race([answers, silence(150)])).toBe('silence');
    proxy.resume();
    expect(await answers).toEqual(['one', 'two']);
  });

  it('holds bytes back by its latency, each way', async () => {
    const socket = await dial();
    proxy.latency(60);
    const begun = Date.now();
    await ask(socket, 'slow');
    expect(Date.now() - begun).toBeGreaterThanOrEqual(115);
    proxy.latency(0);
    expect(await ask(socket, 'fast')).toBe('fast');
  });

  it('closes while stalled', async () => {
    const socket = await dial();
    proxy.stall();
    socket.write('lost');
    await proxy.close();
  });
});

function dial(): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(proxy.port, '127.0.0.1', () => {
      socket.off('error', reject);
      socket.on('error', () => {});
      resolve(socket);
    });
    socket.once('error', reject);
    sockets.push(socket);
  });
}

function ask(socket: Socket, words: string): Promise<string> {
  return new Promise((resolve) => {
    socket.once('data', (data) => resolve(data.toString()));
    socket.write(words);
  });
}

async function readAll(socket: Socket): Promise<string> {
  let all = '';
  for await (const chunk of socket) all += String(chunk);
  return all;
}

function silence(ms: number): Promise<string> {
  return new Promise((resolve) => setTimeout(resolve, ms, 'silence'));
}
