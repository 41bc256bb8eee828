import { createLogger } from '@switchyard/telemetry';
import { type RedisServer, startRedis } from '@switchyard/testkit';
import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { connectRedis } from './redis.ts';
import { sendTogether } from './send-together.ts';

let server: RedisServer;
let client: Redis;

beforeAll(async () => {
  server = await startRedis();
});
afterAll(() => server.close());
beforeEach(async () => {
  client = sendTogether(new Redis(server.url, { maxRetriesPerRequest: null }));
  await client.ping();
});
afterEach(() => client.disconnect());

/** How many commands each write to the socket held from now on. */
function writes(): number[] {
  const sizes: number[] = [];
  const { stream } = client;
  const { _writev, _write } = stream;
  vi.spyOn(stream, '_writev').mockImplementation((chunks, done) => {
    sizes.push(chunks.length);
    _writev?.call(stream, chunks, done);
  });
  vi.spyOn(stream, '_write').mockImplementation((chunk, encoding, done) => {
    sizes.push(1);
    _write.call(stream, chunk, encoding, done);
  });
  return sizes;
}

const append = (value: number) => client.rpush('values', value);

test('commands of one turn go out eight at a time, the rest when it ends, in order', async () => {
  const sizes = writes();
  const lengths = await Promise.all([1, 2, 3, 4, 5, 6, 7, 8, 9].map(append));
  expect(sizes).toEqual([8, 1]);
  expect(lengths).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
  expect(await client.lrange('values', 0, -1)).toEqual(['1', '2', '3', '4', '5', '6', '7', '8', '9']);
});

test('a command that comes alone waits for nothing but the end of its turn', async () => {
  const sizes = writes();
  await append(1);
  await append(2);
  expect(sizes).toEqual([1, 1]);
});

test('a transaction and a pipeline are what they were', async () => {
  const [alone, atomic, piped] = await Promise.all([
    client.set('a', '1'),
    client.multi().incr('a').incr('a').exec(),
    client.pipeline().incr('a').get('a').incr('a').incr('a').incr('a').exec(),
  ]);
  expect(alone).toBe('OK');
  expect(atomic?.map(([, answer]) => answer)).toEqual([2, 3]);
  expect(piped?.map(([, answer]) => answer)).toEqual([4, '4', 5, 6, 7]);
});

test('what was held when the connection broke is sent again, once', async () => {
  await client.del('counted');
  const counted = [1, 2, 3].map(() => client.incr('counted'));
  client.stream.destroy();
  expect(await Promise.all(counted)).toEqual([1, 2, 3]);
  expect(await client.incr('counted')).toBe(4);
});

test('what was asked just before the end is still answered', async () => {
  const asked = client.set('last', 'words');
  await client.quit();
  expect(await asked).toBe('OK');
});

test('a connection is made so', async () => {
  const log = createLogger({ app: 'test', level: 'silent' });
  const connection = connectRedis({ url: server.url, log, temper: 'patient' });
  await connection.readyWithin(5_000);
  const { client: connected } = connection;
  if (!(connected instanceof Redis)) throw new Error('not a single Redis');
  client.disconnect();
  client = connected;
  const sizes = writes();
  await Promise.all([connected.ping(), connected.ping(), connected.ping()]);
  expect(sizes).toEqual([3]);
  await connection.close();
});
