import { type ApiCall, idParam } from './api.ts';
import { assertSeesInbox } from './api-access.ts';
import { found } from './api-errors.ts';
import type { ConversationRow, UserRow } from './records.ts';
import { row } from './store.ts';

/** The conversation of the path, if the caller may see it. @throws ApiError */
export function conversationOf(call: ApiCall): ConversationRow {
  const { store } = call.world;
  const conversation = found(store.conversations.get(idParam(call)));
  assertSeesInbox(call.caller, row(store.inboxes, conversation.inbox_id));
  return conversation;
}

export function viewerOf(call: ApiCall): UserRow | null {
  return call.caller.kind === 'user' ? call.caller.user : null;
}
