import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { signature } from './signing.ts';
import { api, listen, mara, startFake, startLine } from './testing-line.ts';
import type { Received } from './testing-receiver.ts';

function isSigned({ headers, raw }: Received, secret: string): boolean {
  return signature(secret, String(headers['x-chatwoot-timestamp']), raw) === headers['x-chatwoot-signature'];
}

describe('a delivery', () => {
  test('has the headers of contract §1.1 and an escaped, signed body', async () => {
    const { fake, receiver } = await startLine();
    fake.writeAsCustomer({ contact: mara, content: 'Grüße & <b>hallo</b>' });
    await fake.idle();
    const [message] = receiver.of('message_created');
    if (message === undefined) throw new Error('nothing came');
    expect(message.headers).toMatchObject({
      'content-type': 'application/json',
      accept: 'application/json',
      'x-chatwoot-delivery': expect.stringMatching(/^[0-9a-f-]{36}$/),
      'x-chatwoot-timestamp': expect.stringMatching(/^\d{10}$/),
      'x-chatwoot-signature': expect.stringMatching(/^sha256=[0-9a-f]{64}$/),
    });
    expect(isSigned(message, 'account-secret')).toBe(true);
    expect(message.raw).toContain('Grüße \\u0026 \\u003cb\\u003ehallo');
  });

  test('to an account webhook is tried once, whatever comes back', async () => {
    const down = await listen(() => 500);
    const fake = await startFake({ webhooks: [{ url: down.url, subscriptions: ['message_created'] }] });
    fake.addWebhook({ url: 'http://127.0.0.1:1/', subscriptions: ['message_created'] });
    fake.writeAsCustomer({ contact: mara, content: 'Hi' });
    await fake.idle();
    expect(down.received).toHaveLength(1);
    expect(fake.deliveries().map(({ status, error }) => ({ status, failed: error !== null }))).toEqual(
      expect.arrayContaining([
        { status: 500, failed: true },
        { status: null, failed: true },
      ]),
    );
  });

  test('times out', async () => {
    const slow = await listen(() => 'hang');
    const fake = await startFake({
      webhooks: [{ url: slow.url, subscriptions: ['message_created'] }],
      delivery: { timeoutMs: 50 },
    });
    fake.writeAsCustomer({ contact: mara, content: 'Hi' });
    await fake.idle();
    expect(fake.deliveries()).toMatchObject([{ status: null, error: 'timed out after 50 ms' }]);
  });

  test('follows a redirect with the same method, body and headers', async () => {
    const moved = await listen((_, path) => (path === '/hook' ? { location: '/new' } : 200));
    const fake = await startFake({
      webhooks: [{ url: moved.url, secret: 's', subscriptions: ['message_created'] }],
    });
    fake.writeAsCustomer({ contact: mara, content: 'Hi' });
    await fake.idle();
    expect(moved.received.map(({ path }) => path)).toEqual(['/hook', '/new']);
    expect(moved.received.every((each) => isSigned(each, 's'))).toBe(true);
    expect(fake.deliveries()).toMatchObject([{ status: 200, error: null }]);
  });

  test('only goes to those who subscribed', async () => {
    const receiver = await listen();
    const fake = await startFake({ webhooks: [{ url: receiver.url, subscriptions: ['contact_created'] }] });
    fake.writeAsCustomer({ contact: mara, content: 'Hi' });
    await fake.idle();
    expect(receiver.events()).toEqual(['contact_created']);
  });

  test('can be made again: same id and body, a fresh signature', async () => {
    const { fake, receiver } = await startLine();
    fake.writeAsCustomer({ contact: mara, content: 'Hi' });
    await fake.idle();
    const [first] = fake.deliveries();
    const again = await fake.redeliver(first?.id ?? '');
    expect(again).toMatchObject({ id: first?.id, status: 200, body: first?.body });
    const last = receiver.received.at(-1);
    expect(last !== undefined && isSigned(last, 'account-secret')).toBe(true);
  });

  test('can be made by hand, signed, unsigned or wrongly signed', async () => {
    const { fake, receiver } = await startLine();
    const options = { url: receiver.url, payload: { event: 'message_created', id: 1 }, secret: 's' };
    await fake.send({ ...options, deliveryId: 'd1', timestamp: 1_781_770_503 });
    await fake.send({ ...options, corruptSignature: true });
    await fake.send({ ...options, secret: null });
    const [good, bad, unsigned] = receiver.received;
    if (!good || !bad || !unsigned) throw new Error('three should have come');
    expect(good.headers).toMatchObject({ 'x-chatwoot-delivery': 'd1', 'x-chatwoot-timestamp': '1781770503' });
    expect([good, bad].map((each) => isSigned(each, 's'))).toEqual([true, false]);
    expect(unsigned.headers).not.toHaveProperty('x-chatwoot-signature');
  });

  test('tells listeners', async () => {
    const { fake } = await startLine();
    const kinds: string[] = [];
    const off = fake.on('change', (kind) => kinds.push(kind));
    fake.writeAsCustomer({ contact: mara, content: 'Hi' });
    await fake.idle();
    expect(new Set(kinds)).toEqual(new Set(['event', 'delivery']));
    off();
  });
});

test('a Chatwoot whose clock is wrong dates its answers and signs its deliveries by it', async () => {
  const { fake, receiver } = await startLine({ behindProxy: true });
  fake.setClockAhead(600_000);
  const { headers } = await fetch(fake.url);
  expect(Date.parse(headers.get('date') ?? '') - Date.now()).toBeGreaterThan(590_000);
  await fake.writeAsCustomer({ contact: mara, content: 'hi' });
  await fake.idle();
  const timestamp = Number(receiver.received[0]?.headers['x-chatwoot-timestamp']);
  expect(timestamp * 1000 - Date.now()).toBeGreaterThan(590_000);
});

test('a Chatwoot before 4.11.2 has no secrets and signs nothing', async () => {
  const { fake, receiver } = await startLine({ version: '4.10' });
  const { json } = await api(fake, 'GET', '/webhooks');
  expect(json).toMatchObject({
    payload: { webhooks: [expect.not.objectContaining({ secret: expect.anything() })] },
  });
  await fake.writeAsCustomer({ contact: mara, content: 'hi' });
  await fake.idle();
  expect(receiver.received[0]?.headers).not.toHaveProperty('x-chatwoot-signature');
});

test('close ends hanging deliveries and waiting retries', async () => {
  const slow = await listen((nth) => (nth === 1 ? 500 : 'hang'));
  const fake = await startFake({
    bot: { url: slow.url },
    delivery: { botRetryMs: 60_000, timeoutMs: 60_000 },
  });
  fake.writeAsCustomer({ contact: mara, content: 'Hi' });
  fake.writeAsCustomer({ contact: mara, content: 'Hi again' });
  while (slow.received.length < 2) await new Promise((resolve) => setTimeout(resolve, 5));
  const started = performance.now();
  await fake.close();
  expect(performance.now() - started).toBeLessThan(20_000);
});

test('close leaves no handle: a process with nothing else to do ends', async () => {
  const script = `
    import { createServer } from 'node:http';
    import { startFakeChatwoot } from ${JSON.stringify(join(import.meta.dirname, 'index.ts'))};
    const sink = createServer(() => {}).listen(0, '127.0.0.1');
    await new Promise((resolve) => sink.once('listening', resolve));
    const url = 'http://127.0.0.1:' + sink.address().port;
    const fake = await startFakeChatwoot({ webhooks: [{ url }], bot: { url } });
    fake.faults.add({ kind: 'timeoutAfterCommit' });
    fake.faults.add({ kind: 'slow', ms: 60000 });
    fake.writeAsCustomer({ content: 'Hi', contact: { email: 'a@b.example' } });
    const call = fetch(fake.url + '/api/v1/profile').catch(() => 'cut');
    await new Promise((resolve) => setTimeout(resolve, 100));
    await fake.close();
    sink.close();
    console.log(await call);
  `;
  const run = promisify(execFile)(process.execPath, ['--input-type=module', '--eval', script], {
    timeout: 15_000,
  });
  expect((await run).stdout).toBe('cut\n');
});
