import { createHmac, randomUUID } from 'node:crypto';
import { request } from 'node:http';
import { fixture } from '@switchyard/testkit';
import { SECRET } from './besieged.ts';

const EVERY_MS = 50;
/** Chatwoot waits five seconds (contract §1.4). */
const LIMIT_MS = 5_000;

/** What became of the deliveries that were sent meanwhile: Chatwoot's, 20 a second, each on its own connection. */
export interface Delivered {
  readonly sent: number;
  /** Status, or what went wrong, of each that was not answered 200. */
  readonly lost: readonly string[];
  readonly p99Ms: number;
}

/** Sends signed deliveries until `work` is done. */
export async function deliverDuring(port: number, work: Promise<unknown>): Promise<Delivered> {
  const body = fixture('message_created').raw;
  const asked: Promise<{ outcome: string; ms: number }>[] = [];
  let id = 1_000_000;
  const timer = setInterval(() => {
    id += 1;
    asked.push(deliver(port, body.replace(/"id":\s*\d+/, `"id":${id}`)));
  }, EVERY_MS);
  try {
    await work;
  } finally {
    clearInterval(timer);
  }
  const answers = await Promise.all(asked);
  const times = answers.map(({ ms }) => ms).toSorted((one, other) => one - other);
  return {
    sent: answers.length,
    lost: answers.map(({ outcome }) => outcome).filter((outcome) => outcome !== '200'),
    p99Ms: Math.round(times[Math.floor(times.length * 0.99)] ?? 0),
  };
}

function deliver(port: number, body: string): Promise<{ outcome: string; ms: number }> {
  const startedAt = performance.now();
  const timestamp = String(Math.floor(Date.now() / 1000));
  const signature = createHmac('sha256', SECRET).update(`${timestamp}.`).update(body).digest('hex');
  return new Promise((resolve) => {
    const end = (outcome: string) => resolve({ outcome, ms: performance.now() - startedAt });
    const sending = request(
      {
        port,
        host: '127.0.0.1',
        path: '/webhooks/chatwoot',
        method: 'POST',
        agent: false,
        timeout: LIMIT_MS,
        headers: {
          'content-type': 'application/json',
          'content-length': Buffer.byteLength(body),
          'x-chatwoot-delivery': randomUUID(),
          'x-chatwoot-timestamp': timestamp,
          'x-chatwoot-signature': `sha256=${signature}`,
        },
      },
      (response) => {
        response.resume().on('end', () => end(String(response.statusCode)));
      },
    );
    sending.on('timeout', () => sending.destroy(new Error('no answer within 5 s')));
    sending.on('error', (error) => end(error.message));
    sending.end(body);
  });
}
