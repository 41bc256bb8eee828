import type { Received } from './receive.ts';

export interface Answer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

/** One message for every way a signature can be wrong: a forger learns nothing from it. */
export const UNAUTHORIZED: Answer = {
  status: 401,
  body: { error: 'not signed by this source: check the secret, the timestamp and the clock' },
};

/** The table of design.md §4: what the sender is told. Never says anything of the body. */
export function answerOf(received: Received): Answer {
  switch (received.result) {
    case 'refused':
      return UNAUTHORIZED;
    case 'unknown-source':
      return { status: 404, body: { error: 'no such source: check the end of the webhook URL' } };
    case 'malformed':
      return { status: 400, body: { error: received.message } };
    case 'accepted':
    case 'spooled':
      return {
        status: 200,
        body: { status: received.result, delivery: received.delivery, queues: received.queues },
      };
    case 'duplicate':
    case 'ignored':
      return { status: 200, body: { status: received.result, delivery: received.delivery } };
    case 'failed':
      // 500 and not 503: Chatwoot tries an agent bot's delivery again on 429 and 500 only (contract §1.4).
      return { status: 500, body: { error: 'could not be made durable' } };
  }
}
