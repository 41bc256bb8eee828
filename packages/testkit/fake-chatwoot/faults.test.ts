import { describe, expect, test, vi } from 'vitest';
import { api, mara, startFake } from './testing-line.ts';

async function startTalk() {
  const fake = await startFake();
  const { conversationId } = fake.writeAsCustomer({ contact: mara, content: 'Hi' });
  const post = (signal = AbortSignal.timeout(30_000)) =>
    fetch(`${fake.url}/api/v1/accounts/3/conversations/${conversationId}/messages`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'api-access-token': fake.tokens.administrator },
      body: JSON.stringify({ content: 'Hello' }),
      signal,
    });
  const written = () => fake.messages(conversationId).length - 1;
  return { fake, post, written };
}

describe('a fault', () => {
  test.each([
    ['timeoutBeforeCommit', 0],
    ['timeoutAfterCommit', 1],
    ['resetBeforeCommit', 0],
    ['resetAfterCommit', 1],
  ] as const)('%s: no answer, %i written', async (kind, count) => {
    const { fake, post, written } = await startTalk();
    fake.faults.add({ kind, method: 'POST', path: '/messages', count: 1 });
    const gaveUp = new AbortController();
    const answer = post(gaveUp.signal).catch((error: unknown) => error);
    const struck = { faulted: kind, committed: count === 1 };
    await vi.waitFor(() => expect(fake.calls().at(-1)).toMatchObject(struck), 20_000);
    if (kind.startsWith('timeout')) gaveUp.abort();
    expect(await answer).toBeInstanceOf(Error);
    expect(written()).toBe(count);
    expect(fake.calls().at(-1)).toMatchObject({ faulted: kind, committed: count === 1, status: null });
    expect((await post()).status).toBe(200);
    expect(written()).toBe(count + 1);
  });

  test.each([429, 500, 502, 503])('status %i answers it and writes nothing', async (status) => {
    const { fake, post, written } = await startTalk();
    fake.faults.add({ kind: 'status', status });
    expect((await post()).status).toBe(status);
    expect(written()).toBe(0);
    await fake.faults.clear();
    expect((await post()).status).toBe(200);
  });

  test('status 500 after the commit is a lie', async () => {
    const { fake, post, written } = await startTalk();
    fake.faults.add({ kind: 'status', status: 500, afterCommit: true });
    expect((await post()).status).toBe(500);
    expect(written()).toBe(1);
    expect(fake.calls().at(-1)).toMatchObject({ committed: true, status: 500 });
  });

  test('rateLimit comes with or without Retry-After', async () => {
    const { fake, post } = await startTalk();
    fake.faults.add({ kind: 'rateLimit', count: 1 });
    fake.faults.add({ kind: 'rateLimit', retryAfterSeconds: 7 });
    const [plain, told] = [await post(), await post()];
    expect([plain.status, plain.headers.get('retry-after')]).toEqual([429, null]);
    expect(await plain.text()).toContain('Retry later');
    expect(told.headers.get('retry-after')).toBe('7');
  });

  test('slow is slow, and badJson is no JSON though the work is done', async () => {
    const { fake, post, written } = await startTalk();
    fake.faults.add({ kind: 'slow', ms: 80, count: 1 });
    const started = performance.now();
    await post();
    expect(performance.now() - started).toBeGreaterThanOrEqual(75);
    fake.faults.add({ kind: 'badJson' });
    await expect((await post()).json()).rejects.toThrow(SyntaxError);
    expect(written()).toBe(2);
  });

  test.each(['refuse', 'reset'] as const)('down (%s), and up again on the same port', async (how) => {
    const { fake, post } = await startTalk();
    await fake.faults.down(how);
    expect(fake.faults.isDown).toBe(true);
    await expect(post()).rejects.toThrow();
    await fake.faults.up();
    expect((await post()).status).toBe(200);
    await fake.faults.down(how);
    await fake.faults.clear();
    expect(fake.faults.isDown).toBe(false);
  });
});

test('close lets go of a caller that hangs', async () => {
  const { fake, post } = await startTalk();
  fake.faults.add({ kind: 'timeoutAfterCommit' });
  const hanging = post(AbortSignal.timeout(60_000)).catch((error: unknown) => error);
  while (fake.calls().length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  await fake.close();
  expect(await hanging).toBeInstanceOf(TypeError);
  await expect(api(fake, 'GET', '/teams')).rejects.toThrow();
});
