import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type Connections, createConnections } from './connections.ts';

let server: Server;
let here: Connections;
let accepted: Socket[];
let closed: string[];
const clients: Socket[] = [];

beforeEach(async () => {
  accepted = [];
  closed = [];
  here = createConnections({ total: 4, perAddress: 3, onClosed: (reason) => closed.push(reason) });
  server = createServer((socket) => {
    accepted.push(socket);
    socket.on('error', () => {});
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterEach(async () => {
  for (const socket of [...accepted, ...clients.splice(0)]) socket.destroy();
  server.close();
});

/** A connection, as if from this address; null is a proxy's. */
async function open(address: string | null): Promise<Socket> {
  const before = accepted.length;
  const bound = server.address();
  const client = connect(typeof bound === 'object' && bound !== null ? bound.port : 0, '127.0.0.1');
  client.on('error', () => {});
  clients.push(client);
  const socket = await vi.waitUntil(() => accepted[before]);
  here.opened(socket, address);
  return socket;
}

test('one address holds its share of connections, and its own longest idle goes first', async () => {
  const [first, second, third] = [await open('192.0.2.1'), await open('192.0.2.1'), await open('192.0.2.1')];
  const other = await open('192.0.2.2');
  const fourth = await open('192.0.2.1');
  expect([first, second, third, fourth, other].map(({ destroyed }) => destroyed)).toEqual([
    true,
    false,
    false,
    false,
    false,
  ]);
  expect(closed).toEqual(['address-share']);
});

test('in a full house the longest idle stranger goes first, before a sender and what has arrived', async () => {
  const sender = await open('192.0.2.1');
  here.began(sender, '192.0.2.1');
  here.arrived(sender);
  here.answered(sender, true);
  const working = await open('192.0.2.2');
  here.began(working, '192.0.2.2');
  here.arrived(working);
  const [strange, stranger] = [await open('192.0.2.3'), await open('192.0.2.4')];
  await open('192.0.2.5');
  expect([sender, working, strange, stranger].map(({ destroyed }) => destroyed)).toEqual([
    false,
    false,
    true,
    false,
  ]);
  expect(closed).toEqual(['crowded']);
});

test('behind a trusted proxy the share is that of the address it tells', async () => {
  const [first, second, third] = [await open(null), await open(null), await open(null)];
  for (const socket of [first, second, third]) {
    expect(here.began(socket, '198.51.100.1')).toBe(true);
    here.arrived(socket);
  }
  const fourth = await open(null);
  // What has arrived is not cut, so the newcomer is refused.
  expect(here.began(fourth, '198.51.100.1')).toBe(false);
  here.answered(fourth, false);
  expect(here.began(fourth, '198.51.100.2')).toBe(true);
  here.answered(third, true);
  here.answered(fourth, true);
  expect(here.began(fourth, '198.51.100.1')).toBe(true);
});
