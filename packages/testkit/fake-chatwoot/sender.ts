import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Outcome, post } from './post.ts';
import { railsJson, signature } from './signing.ts';

type WebhookKind = 'account' | 'api-inbox' | 'agent-bot';

export interface Outgoing {
  readonly kind: WebhookKind;
  readonly url: string;
  readonly secret: string | null;
  readonly event: string;
  readonly payload: unknown;
  /** Called once, when the last attempt has failed. */
  readonly onFailure?: (outcome: Outcome) => void;
}

/** One attempt to deliver, as it went. */
export interface DeliveryAttempt {
  readonly id: string;
  readonly kind: WebhookKind | 'manual';
  readonly url: string;
  readonly event: string;
  readonly attempt: number;
  /** Epoch milliseconds of the start. */
  readonly at: number;
  readonly status: number | null;
  readonly ms: number;
  readonly error: string | null;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

interface SenderOptions {
  readonly timeoutMs: number;
  /** How often a bot's webhook is tried, on 429 and 500. */
  readonly botAttempts: number;
  readonly botRetryMs: number;
  readonly userAgent: string;
  /** Sends `X-Chatwoot-Delivery`. */
  readonly deliveryIds: boolean;
  /** How many deliveries run at once; 1 keeps the order of the events (contract §1.6). */
  readonly concurrency: number;
  /** Chatwoot's clock, epoch milliseconds. */
  readonly now: () => number;
  readonly onAttempt: (attempt: DeliveryAttempt) => void;
}

/** The webhook jobs of Chatwoot: concurrent, one attempt each, several for a bot on 429 and 500 (contract §1.4). */
export class Sender {
  readonly #options: SenderOptions;
  readonly #attempts: DeliveryAttempt[] = [];
  readonly #secrets = new Map<string, string | null>();
  readonly #waiting: (() => Promise<void>)[] = [];
  readonly #closing = new AbortController();
  #running = 0;
  #pending = 0;
  #idle: (() => void)[] = [];

  constructor(options: SenderOptions) {
    this.#options = options;
  }

  deliver(outgoing: Outgoing): void {
    const id = randomUUID();
    const body = railsJson(outgoing.payload);
    this.#enqueue(() => this.#work(id, body, outgoing));
  }

  /** Posts at once, outside the queue, and says how it went. */
  async post(message: ManualPost): Promise<DeliveryAttempt> {
    return await this.#track(() => this.#attempt({ ...message, kind: 'manual', attempt: 1 }));
  }

  /** Posts an earlier delivery once more: same id and body, fresh timestamp and signature. */
  async repeat(deliveryId: string): Promise<DeliveryAttempt> {
    const earlier = this.#attempts.find(({ id }) => id === deliveryId);
    if (earlier === undefined) throw new Error(`no delivery ${deliveryId}`);
    const { id, url, event, body } = earlier;
    return await this.post({ id, url, event, body, secret: this.#secrets.get(id) ?? null });
  }

  attempts(): readonly DeliveryAttempt[] {
    return this.#attempts;
  }

  /** Does `work` later, and isn't idle until it is done. */
  defer(work: () => void): void {
    this.#pending += 1;
    setImmediate(() => {
      if (!this.#closing.signal.aborted) work();
      this.#settle();
    });
  }

  /** Does `work` after so many milliseconds, and isn't idle until it is done. */
  later(ms: number, work: () => void): void {
    this.#pending += 1;
    void sleep(ms, undefined, { signal: this.#closing.signal })
      .then(work, () => undefined)
      .finally(() => this.#settle());
  }

  idle(): Promise<void> {
    if (this.#pending === 0) return Promise.resolve();
    return new Promise((resolve) => this.#idle.push(resolve));
  }

  async close(): Promise<void> {
    this.#closing.abort();
    for (const _ of this.#waiting.splice(0)) this.#settle();
    await this.idle();
  }

  #enqueue(work: () => Promise<void>): void {
    this.#pending += 1;
    this.#waiting.push(work);
    this.#next();
  }

  #next(): void {
    while (this.#running < this.#options.concurrency) {
      const work = this.#waiting.shift();
      if (work === undefined) return;
      this.#running += 1;
      void work().finally(() => {
        this.#running -= 1;
        this.#settle();
        this.#next();
      });
    }
  }

  async #work(id: string, body: string, outgoing: Outgoing): Promise<void> {
    const attempts = outgoing.kind === 'agent-bot' ? this.#options.botAttempts : 1;
    for (let attempt = 1; !this.#closing.signal.aborted; attempt += 1) {
      const { kind, url, secret, event } = outgoing;
      const outcome = await this.#attempt({ id, kind, url, secret, event, body, attempt });
      if (outcome.error === null || this.#closing.signal.aborted) return;
      const again = attempt < attempts && (outcome.status === 429 || outcome.status === 500);
      if (!again) {
        outgoing.onFailure?.(outcome);
        return;
      }
      await sleep(this.#options.botRetryMs, undefined, { signal: this.#closing.signal }).catch(
        () => undefined,
      );
    }
  }

  async #attempt(request: Attempted): Promise<DeliveryAttempt> {
    const { id, kind, url, event, attempt, body } = request;
    const headers = headersOf(request, this.#options);
    this.#secrets.set(id, request.secret);
    const at = Date.now();
    const outcome = await post(url, headers, body, this.#options.timeoutMs, this.#closing.signal);
    const done = { id, kind, url, event, attempt, at, ms: Date.now() - at, ...outcome, headers, body };
    this.#attempts.push(done);
    this.#options.onAttempt(done);
    return done;
  }

  async #track<Result>(work: () => Promise<Result>): Promise<Result> {
    this.#pending += 1;
    try {
      return await work();
    } finally {
      this.#settle();
    }
  }

  #settle(): void {
    this.#pending -= 1;
    if (this.#pending > 0) return;
    for (const resolve of this.#idle.splice(0)) resolve();
  }
}

interface ManualPost {
  readonly id: string;
  readonly url: string;
  readonly secret: string | null;
  readonly event: string;
  readonly body: string;
  /** Epoch seconds to sign with instead of now. */
  readonly timestamp?: string;
  readonly corruptSignature?: boolean;
}

interface Attempted extends ManualPost {
  readonly kind: WebhookKind | 'manual';
  readonly attempt: number;
}

/** Exactly the headers of contract §1.1; the timestamp and signature are fresh on every attempt. */
function headersOf(
  { id, secret, body, timestamp, corruptSignature }: Attempted,
  { now, userAgent, deliveryIds }: SenderOptions,
): Record<string, string> {
  const headers: Record<string, string> = {
    'Content-Type': 'application/json',
    Accept: 'application/json',
    'User-Agent': userAgent,
    ...(deliveryIds ? { 'X-Chatwoot-Delivery': id } : {}),
  };
  if (secret === null) return headers;
  const seconds = timestamp ?? String(Math.floor(now() / 1000));
  headers['X-Chatwoot-Timestamp'] = seconds;
  headers['X-Chatwoot-Signature'] = signature(corruptSignature ? `${secret}x` : secret, seconds, body);
  return headers;
}
