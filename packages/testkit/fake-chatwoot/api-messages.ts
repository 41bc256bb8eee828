import { z } from 'zod';
import { type ApiCall, idParam, queryText, type Route } from './api.ts';
import { ApiError, found, unprocessable } from './api-errors.ts';
import { conversationOf } from './api-lookups.ts';
import { seconds } from './clock.ts';
import { createMessage, deleteMessage, updateMessage } from './messages.ts';
import { pushSender } from './push-shapes.ts';
import {
  type Attributes,
  type ConversationRow,
  contentTypes,
  type MessageRow,
  messageTypes,
  type SenderRef,
} from './records.ts';
import { restMessage } from './rest-shapes.ts';
import { messagesOf, row, userById } from './store.ts';

const longest = 150_000;
const hash = z.record(z.string(), z.unknown());

export const messageRoutes: readonly Route[] = [
  { method: 'POST', path: '/conversations/:id/messages', bots: true, handle: create },
  { method: 'GET', path: '/conversations/:id/messages', handle: list },
  { method: 'PATCH', path: '/conversations/:id/messages/:message_id', handle: update },
  { method: 'DELETE', path: '/conversations/:id/messages/:message_id', handle: destroy },
  { method: 'POST', path: '/conversations/:id/messages/:message_id/retry', handle: retry },
];

function create(call: ApiCall): unknown {
  const { world, body } = call;
  const conversation = conversationOf(call);
  const message = createMessage(world, conversation, newMessage(call, conversation));
  call.effect({
    kind: 'message',
    conversationId: conversation.id,
    messageId: message.id,
    sourceId: message.source_id,
    contentAttributes: message.content_attributes,
    value: message.content,
  });
  return restMessage(world.store, message, body.echo_id ?? undefined);
}

/** The message an API caller asks for, checked as Chatwoot checks it. @throws ApiError */
export function newMessage(call: Pick<ApiCall, 'world' | 'caller' | 'body'>, conversation: ConversationRow) {
  const { world, body } = call;
  const { store } = world;
  const type = messageTypes.find((each) => each === (body.message_type ?? 'outgoing'));
  if (type === undefined) throw unprocessable(`'${body.message_type}' is not a valid message_type`);
  if (type === 'incoming' && row(store.inboxes, conversation.inbox_id).channel_type !== 'Channel::Api') {
    throw unprocessable('Incoming messages are only allowed in Api inboxes');
  }
  const contentType = String(body.content_type ?? 'text');
  if (!contentTypes.includes(contentType)) {
    throw unprocessable(`'${contentType}' is not a valid content_type`);
  }
  const content = body.content === undefined || body.content === null ? null : String(body.content);
  if (content !== null && content.length > longest) {
    throw unprocessable(`Validation failed: Content is too long (maximum is ${longest} characters)`);
  }
  const attributes = contentAttributes(body.content_attributes);
  assertItems(contentType, attributes);
  const minuteAgo = world.now() - 60_000;
  const recent = messagesOf(store, conversation).filter((message) => message.created_at >= minuteAgo);
  if (recent.length >= world.habits.messagesPerMinute) {
    throw unprocessable('Validation failed: Too many messages');
  }
  const template = hash.safeParse(body.template_params).data;
  return {
    type,
    content,
    contentType,
    sender: senderOf(call, conversation, type === 'incoming'),
    private: body.private === true || body.private === 'true',
    contentAttributes: attributes,
    additionalAttributes: template === undefined ? {} : { template_params: template },
    sourceId: typeof body.source_id === 'string' ? body.source_id : null,
  };
}

function senderOf(
  { world, caller, body }: Pick<ApiCall, 'world' | 'caller' | 'body'>,
  conversation: ConversationRow,
  incoming: boolean,
): SenderRef | null {
  if (incoming) return { type: 'Contact', id: conversation.contact_id };
  const botId = body.sender_type === 'AgentBot' ? Number(body.sender_id) : Number.NaN;
  if (world.store.bots.has(botId)) return { type: 'AgentBot', id: botId };
  if (caller.kind === 'bot') return { type: 'AgentBot', id: caller.bot.id };
  return caller.kind === 'user' ? { type: 'User', id: caller.user.id } : null;
}

/** An object, or JSON of one in a string; anything else counts as none. */
function contentAttributes(given: unknown): Attributes {
  if (typeof given !== 'string') return hash.safeParse(given).data ?? {};
  try {
    return hash.safeParse(JSON.parse(given)).data ?? {};
  } catch {
    return {};
  }
}

/** What an entry of each kind of interactive message may have (contract §3.2, [R] 8). */
const itemKeys: Readonly<Record<string, readonly string[]>> = {
  input_select: ['title', 'value'],
  form: [
    'type',
    'placeholder',
    'label',
    'name',
    'options',
    'default',
    'required',
    'pattern',
    'title',
    'pattern_error',
  ],
  article: ['title', 'description', 'link'],
  cards: ['media_url', 'title', 'description', 'actions'],
};

/** @throws ApiError */
function assertItems(contentType: string, { items }: Attributes): void {
  const allowed = itemKeys[contentType];
  const given = z.array(hash).safeParse(items).data;
  if (allowed === undefined || given === undefined) return;
  const unknown = new Set(given.flatMap(Object.keys).filter((key) => !allowed.includes(key)));
  if (unknown.size === 0) return;
  const listed = [...unknown].map((key) => `:${key}`).join(', ');
  throw unprocessable(`Validation failed: Content attributes contains invalid keys for items : [${listed}]`);
}

function list(call: ApiCall): unknown {
  const { store } = call.world;
  const conversation = conversationOf(call);
  const assignee = userById(store, conversation.assignee_id);
  return {
    meta: {
      labels: conversation.label_list,
      additional_attributes: conversation.additional_attributes,
      contact: pushSender(store, { type: 'Contact', id: conversation.contact_id }),
      ...(assignee === null ? {} : { assignee: pushSender(store, { type: 'User', id: assignee.id }) }),
      agent_last_seen_at: seconds(conversation.agent_last_seen_at),
      assignee_last_seen_at: seconds(conversation.assignee_last_seen_at),
    },
    payload: page(call, conversation).map((message) => restMessage(store, message)),
  };
}

/** Latest 20; `before`: 20 older; `after`: up to 100 newer; both: up to 1000 from `after` on (contract §3.2). */
function page(call: ApiCall, conversation: ConversationRow): readonly MessageRow[] {
  const noInternal = queryText(call, 'filter_internal_messages') !== undefined;
  const messages = messagesOf(call.world.store, conversation).filter(
    (message) => !noInternal || !(message.private || message.message_type === 'activity'),
  );
  const before = queryId(call, 'before');
  const after = queryId(call, 'after');
  if (after !== null && before !== null) {
    return messages.filter(({ id }) => id >= after && id < before).slice(0, 1000);
  }
  if (before !== null) return messages.filter(({ id }) => id < before).slice(-20);
  if (after !== null) return messages.filter(({ id }) => id > after).slice(0, 100);
  return messages.slice(-20);
}

function queryId(call: ApiCall, name: string): number | null {
  const text = queryText(call, name);
  return text === undefined ? null : Number.parseInt(text, 10) || 0;
}

function update(call: ApiCall): unknown {
  const { world, body } = call;
  const message = messageOf(call);
  if (row(world.store.inboxes, message.inbox_id).channel_type !== 'Channel::Api') {
    throw new ApiError(403, { error: 'Message status update is only allowed for API inboxes' });
  }
  const status = z.enum(['sent', 'delivered', 'read', 'failed']).safeParse(body.status).data;
  if (status === undefined) throw unprocessable(`'${body.status}' is not a valid status`);
  const external = status === 'failed' ? { external_error: body.external_error ?? null } : {};
  updateMessage(world, message, {
    status,
    content_attributes: { ...message.content_attributes, ...external },
  });
  return restMessage(world.store, message);
}

function destroy(call: ApiCall): unknown {
  const message = messageOf(call);
  deleteMessage(call.world, message);
  return restMessage(call.world.store, message);
}

/** Sends a failed message again, and forgets its content attributes: our marker too (contract §3.2). */
function retry(call: ApiCall): unknown {
  const message = messageOf(call);
  updateMessage(call.world, message, { status: 'sent', content_attributes: {} });
  return restMessage(call.world.store, message);
}

function messageOf(call: ApiCall): MessageRow {
  const id = idParam(call, 'message_id');
  return found(messagesOf(call.world.store, conversationOf(call)).find((message) => message.id === id));
}
