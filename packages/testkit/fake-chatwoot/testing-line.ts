import { onTestFinished } from 'vitest';
import { type FakeChatwoot, type FakeChatwootOptions, startFakeChatwoot } from './fake-chatwoot.ts';
import { type Receiver, startReceiver } from './testing-receiver.ts';

interface ApiAnswer {
  readonly status: number;
  readonly text: string;
  readonly json: unknown;
}

/** Calls the fake's API below its account, as the administrator unless another token is given. */
export async function api(
  fake: FakeChatwoot,
  method: string,
  path: string,
  body?: unknown,
  token: string | null = fake.tokens.administrator,
): Promise<ApiAnswer> {
  const url =
    path.startsWith('/api/') || path.startsWith('/public/')
      ? path
      : `/api/v1/accounts/${fake.accountId}${path}`;
  const response = await fetch(fake.url + url, {
    method,
    headers: {
      'content-type': 'application/json',
      ...(token === null ? {} : { api_access_token: token }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(30_000),
  });
  const text = await response.text();
  const isJson = response.headers.get('content-type')?.includes('json') ?? false;
  return { status: response.status, text, json: isJson ? JSON.parse(text) : undefined };
}

/** A fake that is closed when the test ends. */
export async function startFake(options: FakeChatwootOptions = {}): Promise<FakeChatwoot> {
  const fake = await startFakeChatwoot(options);
  onTestFinished(() => fake.close());
  return fake;
}

/** A receiver that is closed when the test ends. */
export async function listen(answer?: Parameters<typeof startReceiver>[0]): Promise<Receiver> {
  const receiver = await startReceiver(answer);
  onTestFinished(() => receiver.close());
  return receiver;
}

/** A fake whose account webhook, in order, ends at a receiver. */
export async function startLine(options: FakeChatwootOptions = {}) {
  const receiver = await listen();
  const fake = await startFake({
    delivery: { ordered: true, botRetryMs: 20, timeoutMs: 20_000 },
    ...options,
    webhooks: [{ url: receiver.url, secret: 'account-secret' }],
  });
  return { fake, receiver };
}

export const mara = { name: 'Mara Lindqvist', email: 'mara.lindqvist@example.com', phone: '+46701740605' };
