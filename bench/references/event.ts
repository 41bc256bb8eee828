import { type ChatwootEvent, parseEvent, verify } from '@switchyard/chatwoot';
import { SECRET } from '../deliveries.ts';

/** Verifies and parses, as the ingress does. */
export function eventOf(rawBody: Buffer, headers: Readonly<Record<string, unknown>>): ChatwootEvent {
  const verdict = verify({
    rawBody,
    signature: String(headers['x-chatwoot-signature']),
    timestamp: String(headers['x-chatwoot-timestamp']),
    secrets: [SECRET],
    now: Date.now(),
  });
  if (!verdict.ok) throw new Error(verdict.reason);
  const id = String(headers['x-chatwoot-delivery']);
  const delivery = { id, source: 'default', kind: 'account', receivedAt: Date.now() } as const;
  return parseEvent(JSON.parse(rawBody.toString('utf8')), delivery);
}
