import { z } from 'zod';

import {
  type ActorOptions,
  type Api,
  type ApiRequest,
  accountPath,
  type CallOptions,
  unexpectedAnswer,
} from './api.ts';

import { conversationAttributesApi } from './conversation-attributes.ts';
import { conversationLabelsApi } from './conversation-labels.ts';
import { conversationListApi } from './conversation-list.ts';
import type { ConversationStatus, Priority } from './event.ts';
import { CallFailure } from './failure.ts';
import { type ConversationState, conversationSchema } from './records.ts';

const toggledSchema = z.object({
  payload: z.object({ success: z.boolean().nullish(), current_status: z.string().nullish() }),
});
const assignedSchema = z.object({ id: z.int() }).nullable();

const listSchema = z.object({ data: z.object({ payload: z.array(conversationSchema) }) });

export interface ConversationPage {
  readonly status: ConversationStatus;
  readonly inbox: number;
  /** From 1. */
  readonly page: number;
}

/** State of a conversation, which is named by its display id (contract §3.3). */
export function conversationsApi(api: Api) {
  return {
    labels: conversationLabelsApi(api),
    ...conversationAttributesApi(api),
    ...conversationListApi(api),

    async get(account: number, conversation: number, options?: CallOptions): Promise<ConversationState> {
      return api.json(conversationRequest(account, conversation), conversationSchema, options);
    },

    /** For good, with its messages; an administrator's token only. No webhook tells of it (contract [R] 11). */
    async delete(account: number, conversation: number, options?: CallOptions): Promise<void> {
      const path = accountPath(account, 'conversations', conversation);
      return api.done({ operation: 'conversations.delete', method: 'DELETE', path }, options);
    },

    /** One page of an inbox's conversations with this status, 25, the last active first (contract §3.4). */
    async list(
      account: number,
      { status, inbox, page }: ConversationPage,
      options?: CallOptions,
    ): Promise<readonly ConversationState[]> {
      const request = {
        operation: 'conversations.list',
        method: 'GET',
        path: accountPath(account, 'conversations'),
        query: { status, assignee_type: 'all', inbox_id: inbox, page },
      } as const;
      const { data } = await api.json(request, listSchema, options);
      return data.payload;
    },

    /**
     * Sets the status; `snoozedUntil` in epoch milliseconds. A bot's `pending` → `open` is Chatwoot's handoff.
     * An agent-role user token that opens a conversation becomes its assignee: use an administrator's or the
     * bot's.
     */
    async setStatus(
      account: number,
      conversation: number,
      status: ConversationStatus,
      options: ActorOptions & { readonly snoozedUntil?: number | undefined } = {},
    ): Promise<void> {
      const { snoozedUntil } = options;
      const request = write(account, conversation, 'setStatus', 'toggle_status', {
        // Without it Chatwoot flips between open and resolved.
        status,
        snoozed_until: snoozedUntil === undefined ? undefined : Math.floor(snoozedUntil / 1000),
      });
      const { payload } = await api.json(request, toggledSchema, options);
      // `success` is null after a bot's handoff, which is no error: the status tells.
      const current = payload.current_status ?? (payload.success === false ? null : status);
      if (current !== status) throw unexpectedAnswer(request, `the status is not "${status}" after it`);
    },

    /** Null takes the priority away. */
    async setPriority(
      account: number,
      conversation: number,
      priority: Priority | null,
      options?: ActorOptions,
    ): Promise<void> {
      return api.done(write(account, conversation, 'setPriority', 'toggle_priority', { priority }), options);
    },

    /**
     * Gives the conversation to a team; null takes it from any. Changing the team can change the assignee too,
     * which the answer does not show: read the conversation again.
     *
     * @throws {CallFailure} `permanent`, CHATWOOT_UNKNOWN_TEAM: no such team; Chatwoot has then cleared the team.
     */
    async assignTeam(account: number, conversation: number, team: number | null, options?: ActorOptions) {
      const request = write(account, conversation, 'assignTeam', 'assignments', { team_id: team });
      return assign(request, team, 'team', options);
    },

    /**
     * Gives the conversation to a user; null takes it from anyone.
     *
     * @throws {CallFailure} `permanent`, CHATWOOT_UNKNOWN_AGENT: no such agent; Chatwoot has then cleared the
     *   assignee.
     */
    async assignAgent(account: number, conversation: number, agent: number | null, options?: ActorOptions) {
      const request = write(account, conversation, 'assignAgent', 'assignments', { assignee_id: agent });
      return assign(request, agent, 'agent', options);
    },
  };

  /** An unknown id is answered with 200 and `null`, and clears what was assigned (contract §3.3). */
  async function assign(
    request: ApiRequest,
    id: number | null,
    what: 'team' | 'agent',
    options: ActorOptions | undefined,
  ): Promise<void> {
    if (id === null) return api.done(request, options);
    const assigned = await api.json(request, assignedSchema, options);
    if (assigned?.id === id) return;
    throw new CallFailure(
      'permanent',
      `Chatwoot: there is no ${what} ${id} for ${request.path}; Chatwoot has cleared the ${what} of the conversation instead`,
      {
        code: what === 'team' ? 'CHATWOOT_UNKNOWN_TEAM' : 'CHATWOOT_UNKNOWN_AGENT',
        target: 'chatwoot',
        status: 200,
      },
    );
  }
}

function conversationRequest(account: number, conversation: number): ApiRequest {
  return {
    operation: 'conversations.get',
    method: 'GET',
    path: accountPath(account, 'conversations', conversation),
  };
}

function write(
  account: number,
  conversation: number,
  name: string,
  endpoint: string,
  body: Readonly<Record<string, unknown>>,
): ApiRequest {
  return {
    operation: `conversations.${name}`,
    method: 'POST',
    path: accountPath(account, 'conversations', conversation, endpoint),
    body,
    bots: true,
  };
}
