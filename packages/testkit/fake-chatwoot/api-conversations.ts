import { z } from 'zod';
import type { ApiCall, Route } from './api.ts';
import { assertSeesInbox, doerOf } from './api-access.ts';
import { found, InvalidEnum, internalError, unprocessable } from './api-errors.ts';
import { conversationOf, viewerOf } from './api-lookups.ts';
import { newMessage } from './api-messages.ts';
import { iso } from './clock.ts';
import { contactInboxFor } from './contacts.ts';
import {
  createConversation,
  flipped,
  handOff,
  setStatusByPerson,
  updateConversation,
} from './conversations.ts';
import { forgetConversation } from './inboxes/forgetting.ts';
import { createMessage } from './messages.ts';
import {
  type Attributes,
  type ConversationRow,
  type Priority,
  priorities,
  type Status,
  statuses,
} from './records.ts';
import { restAgent, restConversation, restSlimBot, teamRow } from './rest-shapes.ts';
import { row, userById } from './store.ts';

const hash = z.record(z.string(), z.unknown());

export const conversationRoutes: readonly Route[] = [
  { method: 'POST', path: '/conversations', bots: true, handle: create },
  {
    method: 'GET',
    path: '/conversations/:id',
    bots: 'where-they-read',
    handle: (call) => shown(call, conversationOf(call)),
  },
  { method: 'PATCH', path: '/conversations/:id', bots: true, handle: update },
  { method: 'DELETE', path: '/conversations/:id', administratorsOnly: true, handle: destroy },
  { method: 'POST', path: '/conversations/:id/toggle_status', bots: true, handle: toggleStatus },
  { method: 'POST', path: '/conversations/:id/toggle_priority', bots: true, handle: togglePriority },
  { method: 'POST', path: '/conversations/:id/toggle_typing_status', bots: true, handle: toggleTyping },
  { method: 'POST', path: '/conversations/:id/assignments', bots: true, handle: assign },
  {
    method: 'GET',
    path: '/conversations/:id/labels',
    bots: 'where-they-read',
    handle: (call) => ({ payload: conversationOf(call).label_list }),
  },
  { method: 'POST', path: '/conversations/:id/labels', bots: 'where-they-read', handle: setLabels },
  { method: 'POST', path: '/conversations/:id/custom_attributes', bots: true, handle: setCustomAttributes },
  {
    method: 'POST',
    path: '/conversations/:id/destroy_custom_attributes',
    handle: destroyCustomAttributes,
  },
];

/** To a bot's token Chatwoot can't show a conversation that has a team: a 500 for good (contract [R] 2). */
function shown(call: ApiCall, conversation: ConversationRow): Attributes {
  if (call.caller.kind === 'bot' && conversation.team_id !== null) throw internalError();
  return restConversation(call.world.store, conversation, viewerOf(call));
}

function create(call: ApiCall): unknown {
  const { world, body } = call;
  const { store } = world;
  const inbox = body.inbox_id === undefined ? null : found(store.inboxes.get(Number(body.inbox_id)));
  const contact = body.contact_id === undefined ? null : found(store.contacts.get(Number(body.contact_id)));
  const sourceId = typeof body.source_id === 'string' ? body.source_id : undefined;
  const contactInbox =
    inbox !== null && contact !== null
      ? contactInboxFor(world, contact, inbox.id, sourceId)
      : found([...store.contactInboxes.values()].find((each) => each.source_id === sourceId));
  const where = row(store.inboxes, contactInbox.inbox_id);
  assertSeesInbox(call.caller, where);
  const latest = [...store.conversations.values()].findLast(
    (each) => each.contact_inbox_id === contactInbox.id,
  );
  if (where.lock_to_single_conversation && latest !== undefined) return shown(call, latest);
  const conversation = createConversation(world, contactInbox, {
    status: body.status === undefined ? 'open' : statusFrom(body.status),
    additional_attributes: hash.safeParse(body.additional_attributes).data ?? {},
    custom_attributes: hash.safeParse(body.custom_attributes).data ?? {},
    assignee_id: userById(store, Number(body.assignee_id))?.id ?? null,
    team_id: store.teams.get(Number(body.team_id))?.id ?? null,
  });
  call.effect({ kind: 'conversation', conversationId: conversation.id });
  const message = hash.safeParse(body.message).data;
  if (message !== undefined) {
    createMessage(world, conversation, newMessage({ ...call, body: message }, conversation));
  }
  return shown(call, conversation);
}

function update(call: ApiCall): unknown {
  const conversation = conversationOf(call);
  if ('priority' in call.body) setPriority(call, conversation);
  return shown(call, conversation);
}

function destroy(call: ApiCall): undefined {
  forgetConversation(call.world.store, conversationOf(call));
}

function toggleStatus(call: ApiCall): unknown {
  const { world, body, caller } = call;
  const conversation = conversationOf(call);
  const doer = doerOf(caller);
  const asked = body.status === undefined || body.status === null || body.status === '' ? null : body.status;
  const handsOff = caller.kind === 'bot' && conversation.status === 'pending' && asked === 'open';
  if (handsOff) {
    handOff(world, conversation, doer);
  } else {
    const status = asked === null ? flipped(conversation.status) : statusFrom(asked);
    const until =
      body.snoozed_until === undefined ? {} : { snoozed_until: Number(body.snoozed_until) * 1000 };
    const patch = { status, ...until };
    if (caller.kind === 'user') setStatusByPerson(world, conversation, patch, caller.user);
    else updateConversation(world, conversation, patch, doer);
  }
  call.effect({ kind: 'status', conversationId: conversation.id, value: conversation.status });
  return {
    payload: {
      success: handsOff ? null : true,
      conversation_id: conversation.id,
      current_status: conversation.status,
      snoozed_until: iso(conversation.snoozed_until),
    },
  };
}

function togglePriority(call: ApiCall): undefined {
  setPriority(call, conversationOf(call));
}

function setPriority(call: ApiCall, conversation: ConversationRow): void {
  const priority = priorityFrom(call.body.priority);
  updateConversation(call.world, conversation, { priority }, doerOf(call.caller));
  call.effect({ kind: 'priority', conversationId: conversation.id, value: priority });
}

function toggleTyping(call: ApiCall): undefined {
  const { world, caller, body } = call;
  const conversation = conversationOf(call);
  const doer = doerOf(caller);
  if (body.typing_status !== 'on' && body.typing_status !== 'off') return;
  if (doer.kind !== 'user' && doer.kind !== 'bot') return;
  world.emit({
    name: body.typing_status === 'on' ? 'conversation_typing_on' : 'conversation_typing_off',
    conversation,
    user: doer.kind === 'user' ? { type: 'User', id: doer.user.id } : { type: 'AgentBot', id: doer.bot.id },
    isPrivate: body.is_private === true,
  });
}

/** An unknown id clears, and says so only by answering null (contract §3.3). */
function assign(call: ApiCall): unknown {
  const { world, body, caller } = call;
  const { store } = world;
  const conversation = conversationOf(call);
  const doer = doerOf(caller);
  if ('assignee_id' in body) {
    const isBot = body.assignee_type === 'AgentBot';
    const bot = isBot ? (store.bots.get(Number(body.assignee_id)) ?? null) : null;
    const user = isBot ? null : userById(store, Number(body.assignee_id));
    const patch = { assignee_id: user?.id ?? null, assignee_agent_bot_id: bot?.id ?? null };
    updateConversation(world, conversation, patch, doer);
    call.effect({ kind: 'assignee', conversationId: conversation.id, value: body.assignee_id });
    if (bot !== null) return restSlimBot(bot);
    return user === null ? null : restAgent(store, user);
  }
  if (!('team_id' in body)) return null;
  const team = store.teams.get(Number(body.team_id)) ?? null;
  updateConversation(world, conversation, { team_id: team?.id ?? null }, doer);
  call.effect({ kind: 'team', conversationId: conversation.id, value: body.team_id });
  return team === null ? null : teamRow(store, team);
}

/** Replaces the whole list; labels the account doesn't have are taken as they are (contract §3.3). */
function setLabels(call: ApiCall): unknown {
  const conversation = conversationOf(call);
  const given = z.array(z.string()).safeParse(call.body.labels).data ?? [];
  const labels = [
    ...new Set(given.map((label) => label.trim().toLowerCase()).filter((label) => label !== '')),
  ];
  updateConversation(call.world, conversation, { label_list: labels }, doerOf(call.caller));
  call.effect({ kind: 'labels', conversationId: conversation.id, value: labels });
  return { payload: conversation.label_list };
}

/** Replaces the whole hash; an old Chatwoot ignores `merge` without a word (contract §3.3). */
function setCustomAttributes(call: ApiCall): unknown {
  const { world, body } = call;
  const conversation = conversationOf(call);
  const given = hash.safeParse(body.custom_attributes).data ?? null;
  const merges = body.merge === true && world.habits.mergeCustomAttributes;
  const custom = merges ? { ...conversation.custom_attributes, ...given } : given;
  updateConversation(world, conversation, { custom_attributes: custom }, doerOf(call.caller));
  call.effect({ kind: 'custom_attributes', conversationId: conversation.id, value: given });
  return { custom_attributes: conversation.custom_attributes };
}

function destroyCustomAttributes(call: ApiCall): unknown {
  const { world, body } = call;
  if (!world.habits.mergeCustomAttributes) found(null);
  const conversation = conversationOf(call);
  const gone = z.array(z.string()).safeParse(body.custom_attributes).data;
  if (gone === undefined) throw unprocessable('param is missing or the value is empty: custom_attributes');
  const kept = Object.entries(conversation.custom_attributes ?? {}).filter(([key]) => !gone.includes(key));
  updateConversation(
    world,
    conversation,
    { custom_attributes: Object.fromEntries(kept) },
    doerOf(call.caller),
  );
  return { custom_attributes: conversation.custom_attributes };
}

function statusFrom(given: unknown): Status {
  const status = statuses.find((each) => each === given);
  if (status === undefined) throw new InvalidEnum(`'${given}' is not a valid status`);
  return status;
}

function priorityFrom(given: unknown): Priority | null {
  if (given === undefined || given === null || given === '') return null;
  const priority = priorities.find((each) => each === given);
  if (priority === undefined) throw new InvalidEnum(`'${given}' is not a valid priority`);
  return priority;
}
