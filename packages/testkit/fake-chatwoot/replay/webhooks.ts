import { z } from 'zod';
import type { Received } from '../testing-receiver.ts';
import type { Names } from './names.ts';
import type { SeenWebhook } from './recording.ts';
import { shapeDifferences } from './shapes.ts';

/** A webhook as both sides are told apart by: to whom, what, of whom, with which changed keys. */
interface Told {
  readonly what: string;
  readonly body: Readonly<Record<string, unknown>>;
}

/** What was told too little, too much, or in another form. */
export function webhookDifferences(
  theirs: readonly SeenWebhook[],
  ours: readonly Received[],
  names: Names,
): readonly string[] {
  const expected = theirs.map((webhook) => told(webhook, (_kind, id) => String(id), names));
  const actual = ours.map((webhook) =>
    told(seen(webhook), (kind, id) => String(names.theirs(kind, id)), names),
  );
  const [want, have] = [Map.groupBy(expected, what), Map.groupBy(actual, what)];
  const differences: string[] = [];
  for (const each of new Set([...want.keys(), ...have.keys()])) {
    const [wanted, given] = [want.get(each) ?? [], have.get(each) ?? []];
    if (wanted.length !== given.length) {
      differences.push(`webhook ${each}: ${given.length} instead of ${wanted.length}`);
    }
    const shapes = shapeDifferences(
      wanted.map(({ body }) => body),
      given.map(({ body }) => body),
    );
    differences.push(...shapes.map((difference) => `webhook ${each}: ${difference}`));
  }
  return differences;
}

function what(webhook: Told): string {
  return webhook.what;
}

function seen({ path, headers, body }: Received): SeenWebhook {
  return {
    at: 0,
    path,
    signed: headers['x-chatwoot-signature'] !== undefined,
    deliveryId: headers['x-chatwoot-delivery'] !== undefined,
    userAgent: headers['user-agent']?.split(' ')[0] ?? '',
    body,
  };
}

const message = z.object({
  message_type: z.string(),
  private: z.boolean(),
  content: z.string().nullable(),
  content_attributes: z.object({ external_error: z.string().optional() }).nullish(),
  conversation: z.object({ id: z.number(), messages: z.array(z.object({ status: z.string() })) }),
});
const changes = z.array(z.record(z.string(), z.unknown()));

function told(
  { path, signed, deliveryId, userAgent, body }: SeenWebhook,
  id: (kind: 'conversation' | 'contact', given: unknown) => string,
  names: Names,
): Told {
  const event = String(body.event);
  const changed = (changes.safeParse(body.changed_attributes).data ?? []).flatMap(Object.keys).toSorted();
  const headers = `${userAgent}${deliveryId ? ', id' : ''}${signed ? ', signed' : ''}`;
  const parts = [path, event, subject(body, id, names), changed.length === 0 ? '' : `[${changed.join(' ')}]`];
  return { what: `${parts.filter((part) => part !== '').join(' ')} (${headers})`, body };
}

function subject(
  body: Readonly<Record<string, unknown>>,
  id: (kind: 'conversation' | 'contact', given: unknown) => string,
  names: Names,
): string {
  const event = String(body.event);
  if (event.startsWith('message_')) {
    const {
      message_type,
      private: isPrivate,
      content,
      conversation,
      content_attributes,
    } = message.parse(body);
    const text = content === null ? 'nothing' : `"${names.ourText(content)}"`;
    // A webhook's message has no status, its copy in the conversation has (contract §2.7).
    const error = content_attributes?.external_error;
    const failed = error === undefined ? '' : `, ${conversation.messages[0]?.status}: ${error},`;
    return `${isPrivate ? 'private ' : ''}${message_type} ${text}${failed} in ${id('conversation', conversation.id)}`;
  }
  if (event.startsWith('contact_')) return id('contact', body.id);
  if (event === 'webwidget_triggered') return '';
  if (event.startsWith('conversation_typing')) {
    const typing = z.object({ conversation: z.object({ id: z.number() }) }).parse(body);
    return id('conversation', typing.conversation.id);
  }
  return `${id('conversation', body.id)} ${body.status}`;
}
