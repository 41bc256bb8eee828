import { z } from 'zod';
import { type ApiCall, paged, pageOf, queryText, type Route } from './api.ts';
import { unprocessable } from './api-errors.ts';
import { viewerOf } from './api-lookups.ts';
import type { ConversationRow, UserRow } from './records.ts';
import { restConversation } from './rest-shapes.ts';
import { messagesOf, row } from './store.ts';

const pageSize = 25;

export const conversationListRoutes: readonly Route[] = [
  { method: 'GET', path: '/conversations', handle: list },
  { method: 'GET', path: '/conversations/meta', handle: (call) => ({ meta: counts(call, matching(call)) }) },
  { method: 'POST', path: '/conversations/filter', handle: filter },
];

function list(call: ApiCall): unknown {
  const all = matching(call);
  const type = queryText(call, 'assignee_type') ?? 'all';
  const user = viewerOf(call);
  const chosen = sorted(
    all.filter((each) => hasAssigneeType(each, type, user)),
    queryText(call, 'sort_by') ?? 'last_activity_at_desc',
  );
  const within = Number(queryText(call, 'updated_within') ?? Number.NaN);
  const shown = Number.isNaN(within)
    ? paged(chosen, pageOf(call), pageSize)
    : chosen.filter((each) => each.updated_at > call.world.now() - within * 1000);
  return { data: { meta: counts(call, all), payload: rest(call, shown) } };
}

/** Everything the caller may see that the filters of the query let through; `open` unless told otherwise. */
function matching(call: ApiCall): readonly ConversationRow[] {
  const { store } = call.world;
  const status = queryText(call, 'status') ?? 'open';
  const inboxId = queryText(call, 'inbox_id');
  const teamId = queryText(call, 'team_id');
  const q = queryText(call, 'q')?.toLowerCase();
  const labels = call.query['labels[]'] ?? call.query.labels ?? [];
  const wanted = typeof labels === 'string' ? [labels] : labels;
  return visible(call).filter(
    (each) =>
      (status === 'all' || each.status === status) &&
      (inboxId === undefined || each.inbox_id === Number(inboxId)) &&
      (teamId === undefined || each.team_id === Number(teamId)) &&
      (wanted.length === 0 || wanted.some((label) => each.label_list.includes(label))) &&
      (q === undefined ||
        messagesOf(store, each).some((message) => message.content?.toLowerCase().includes(q) ?? false)),
  );
}

function visible(call: ApiCall): readonly ConversationRow[] {
  const { store } = call.world;
  const user = viewerOf(call);
  return [...store.conversations.values()].filter(
    (each) =>
      user === null ||
      user.role === 'administrator' ||
      row(store.inboxes, each.inbox_id).member_ids.includes(user.id),
  );
}

const condition = z.object({
  attribute_key: z.string(),
  filter_operator: z.string(),
  values: z.array(z.unknown()).optional(),
  query_operator: z.string().nullish(),
});

const attributes: Readonly<Record<string, (conversation: ConversationRow) => readonly unknown[]>> = {
  status: (each) => [each.status],
  priority: (each) => [each.priority],
  assignee_id: (each) => [each.assignee_id],
  inbox_id: (each) => [each.inbox_id],
  team_id: (each) => [each.team_id],
  contact_id: (each) => [each.contact_id],
  display_id: (each) => [each.id],
  labels: (each) => each.label_list,
};

function filter(call: ApiCall): unknown {
  const conditions = z.array(condition).min(1).safeParse(call.body.payload).data;
  if (conditions === undefined) throw unprocessable('param is missing or the value is empty: payload');
  const tests = conditions.map((each) => ({ test: testFor(each), operator: each.query_operator ?? null }));
  const chosen = visible(call).filter((conversation) => {
    let holds: boolean | null = null;
    let operator: string | null = null;
    for (const each of tests) {
      const one = each.test(conversation);
      holds = holds === null ? one : operator?.toLowerCase() === 'or' ? holds || one : holds && one;
      operator = each.operator;
    }
    return holds ?? true;
  });
  const { mine_count, unassigned_count, all_count } = counts(call, chosen);
  const shown = paged(sorted(chosen, 'last_activity_at_desc'), pageOf(call), pageSize);
  return { meta: { mine_count, unassigned_count, all_count }, payload: rest(call, shown) };
}

function testFor({ attribute_key, filter_operator, values = [] }: z.infer<typeof condition>) {
  const read = attributes[attribute_key];
  if (read === undefined) {
    throw unprocessable(
      `Invalid attribute key - [${attribute_key}]. The key should be one of [${Object.keys(attributes).join(',')}] ` +
        'or a custom attribute defined in the account.',
    );
  }
  const wanted = values.map(String);
  const any = (conversation: ConversationRow) =>
    read(conversation).some((value) => wanted.includes(String(value)));
  const present = (conversation: ConversationRow) => read(conversation).some((value) => value !== null);
  switch (filter_operator) {
    case 'equal_to':
      return any;
    case 'not_equal_to':
      return (conversation: ConversationRow) => !any(conversation);
    case 'is_present':
      return present;
    case 'is_not_present':
      return (conversation: ConversationRow) => !present(conversation);
    default:
      throw unprocessable(
        'Invalid operator. The allowed operators for ' +
          `${attribute_key} are [equal_to,not_equal_to,is_present,is_not_present].`,
      );
  }
}

function counts(call: ApiCall, all: readonly ConversationRow[]) {
  const user = viewerOf(call);
  const count = (type: string) => all.filter((each) => hasAssigneeType(each, type, user)).length;
  return {
    mine_count: count('me'),
    assigned_count: count('assigned'),
    unassigned_count: count('unassigned'),
    all_count: all.length,
  };
}

function hasAssigneeType(conversation: ConversationRow, type: string, user: UserRow | null): boolean {
  if (type === 'me') return user !== null && conversation.assignee_id === user.id;
  if (type === 'assigned') return conversation.assignee_id !== null;
  if (type === 'unassigned') return conversation.assignee_id === null;
  return true;
}

function sorted(conversations: readonly ConversationRow[], by: string): readonly ConversationRow[] {
  const key = by.startsWith('created_at') ? 'created_at' : 'last_activity_at';
  const sign = by.endsWith('_asc') ? 1 : -1;
  return conversations.toSorted((one, other) => sign * (one[key] - other[key]));
}

function rest(call: ApiCall, conversations: readonly ConversationRow[]) {
  return conversations.map((each) => restConversation(call.world.store, each, viewerOf(call)));
}
