import { randomUUID } from 'node:crypto';
import { sign } from '@switchyard/chatwoot';
import { ask, NoAnswer } from './ask.ts';
import { clockAhead } from './clock.ts';
import { CommandFailure } from './command-failure.ts';
import { EXIT } from './exit.ts';

export interface DeliveryPost {
  readonly url: string;
  readonly body: string;
  /** null posts without signature and timestamp. */
  readonly secret: string | null;
  /** A fresh one when left out. */
  readonly delivery?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface DeliveryAnswer {
  readonly delivery: string;
  readonly status: number;
  /** `accepted`, `duplicate`, `ignored`, `spooled`; null when this is no answer of an ingress. */
  readonly result: string | null;
  readonly queues: readonly string[];
  /** What the ingress says is wrong. */
  readonly error: string | null;
  readonly ms: number;
  /** How far the clock of who answered is before ours. */
  readonly aheadMs: number | null;
}

/** Chatwoot waits five seconds; longer than that is an answer too, only a useless one. */
const LIMIT_MS = 10_000;

/**
 * Posts a delivery as Chatwoot would (contract §1.1), and does not follow redirects, which a webhook should not need.
 *
 * @throws {CommandFailure} nobody answers.
 */
export async function postDelivery(post: DeliveryPost): Promise<DeliveryAnswer> {
  const delivery = post.delivery ?? randomUUID();
  const timestamp = String(Math.floor(Date.now() / 1000));
  const begun = performance.now();
  const askedAt = Date.now();
  try {
    const { status, text, date } = await ask({
      url: post.url,
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: 'application/json',
        'x-chatwoot-delivery': delivery,
        ...(post.secret === null
          ? {}
          : {
              'x-chatwoot-timestamp': timestamp,
              'x-chatwoot-signature': sign(post.secret, timestamp, post.body),
            }),
      },
      body: post.body,
      limitMs: LIMIT_MS,
      signal: post.signal,
    });
    const aheadMs = clockAhead(date, askedAt, Date.now());
    return { delivery, status, ...said(text), ms: performance.now() - begun, aheadMs };
  } catch (error) {
    if (!(error instanceof NoAnswer)) throw error;
    throw new CommandFailure(
      EXIT.unreachable,
      'INGRESS_UNREACHABLE',
      `${post.url} can't be reached: ${error.message}`,
      ['Start the ingress (npm run ingress), or give its address with --url.'],
    );
  }
}

function said(text: string): Pick<DeliveryAnswer, 'result' | 'queues' | 'error'> {
  const body = parsed(text);
  const result = textAt(body, 'status');
  const queues: unknown = body === null ? null : Reflect.get(body, 'queues');
  return {
    result,
    queues: Array.isArray(queues) ? queues.map(String) : [],
    error: textAt(body, 'error'),
  };
}

function parsed(text: string): object | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' ? value : null;
  } catch {
    return null;
  }
}

function textAt(body: object | null, name: string): string | null {
  const value: unknown = body === null ? null : Reflect.get(body, name);
  return typeof value === 'string' ? value : null;
}
