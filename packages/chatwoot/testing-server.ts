import { createServer } from 'node:http';
import { onTestFinished } from 'vitest';
import type { ApiSettings } from './api.ts';
import { type ChatwootClient, createChatwootClient } from './client.ts';
import type { Send } from './send.ts';

// For tests only: a real HTTP server that answers as the test says, and a client that talks to it.

export interface Received {
  readonly line: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: unknown;
}

export interface Reply {
  readonly status?: number;
  readonly body?: unknown;
  readonly headers?: Record<string, string>;
}

/** `answer` gets each request in turn; a string body is sent as it is, everything else as JSON. */
export async function scriptedChatwoot(
  answer: (request: Received, count: number) => Reply,
  settings: Partial<ApiSettings> = {},
): Promise<{
  readonly client: ChatwootClient;
  readonly received: readonly Received[];
  readonly url: string;
}> {
  const received: Received[] = [];
  const server = createServer(async (request, response) => {
    let text = '';
    for await (const chunk of request) text += String(chunk);
    const line = `${request.method} ${request.url}`;
    const got = { line, headers: request.headers, body: text === '' ? undefined : JSON.parse(text) };
    received.push(got);
    const { status = 200, body = '', headers = {} } = answer(got, received.length);
    response.writeHead(status, headers).end(typeof body === 'string' ? body : JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  const url = `http://127.0.0.1:${address.port}`;
  const client = createChatwootClient({
    baseUrl: url,
    token: 'user-token',
    botToken: 'bot-token',
    send: sendWithFetch,
    ...settings,
  });
  return { client, received, url };
}

export const sendWithFetch: Send = async ({ url, operation: _operation, ...request }) => {
  const response = await fetch(url, { ...request, redirect: 'manual' });
  return {
    status: response.status,
    headers: Object.fromEntries(response.headers),
    body: await response.text(),
  };
};
