import { createHmac } from 'node:crypto';
import { fixture } from '@switchyard/testkit';

export const SECRET = 'hG7kQ2mVx9RtYb4LnWc8ZpDs';
const CONVERSATIONS = 5_000;

export interface MadeRequests {
  readonly requests: readonly Buffer[];
  readonly bodyBytes: number;
}

/**
 * Whole HTTP requests, made before anything is timed: the `message_created` fixture, minified, each with a message
 * and a delivery id of its own (so that none is a duplicate), spread over many conversations, freshly signed.
 */
export function makeRequests(
  count: number,
  firstId: number,
  nowMs: number = Date.now(),
  event: 'message_created' | 'conversation_created' = 'message_created',
): MadeRequests {
  const template = JSON.stringify(fixture(event).body);
  const timestamp = String(Math.floor(nowMs / 1000));
  const requests: Buffer[] = [];
  let bodyBytes = 0;
  for (let index = 0; index < count; index += 1) {
    const id = firstId + index;
    const body = template
      .replaceAll('"id":1187,', `"id":${1_000 + (event === 'message_created' ? id % CONVERSATIONS : id)},`)
      .replaceAll('"id":90341,', `"id":${id},`);
    const bytes = Buffer.byteLength(body);
    bodyBytes = Math.max(bodyBytes, bytes);
    const signature = createHmac('sha256', SECRET).update(`${timestamp}.${body}`).digest('hex');
    requests.push(
      Buffer.from(
        `POST /webhooks/chatwoot HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n` +
          `Accept: application/json\r\nX-Chatwoot-Delivery: 00000000-0000-4000-8000-${String(id).padStart(12, '0')}\r\n` +
          `X-Chatwoot-Timestamp: ${timestamp}\r\nX-Chatwoot-Signature: sha256=${signature}\r\n` +
          `Content-Length: ${bytes}\r\n\r\n${body}`,
      ),
    );
  }
  return { requests, bodyBytes };
}
