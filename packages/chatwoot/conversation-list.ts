import { z } from 'zod';
import { type Api, accountPath, type CallOptions } from './api.ts';
import type { ConversationStatus } from './event.ts';
import { type ConversationState, conversationSchema } from './records.ts';

export interface ConversationFilter {
  /** `all` unless one is named. */
  readonly status?: ConversationStatus | undefined;
  /** Only those assigned to the owner of the token. */
  readonly mine?: boolean | undefined;
}

export interface ConversationPage {
  /** How many of the filter's status are the token's owner's, on all pages. */
  readonly mine: number;
  /** At most 25, the one that was active last first. */
  readonly conversations: readonly ConversationState[];
}

const pageSchema = z
  .object({
    data: z.object({
      meta: z.object({ mine_count: z.int().nullish().catch(null) }),
      payload: z.array(conversationSchema),
    }),
  })
  .transform(
    ({ data }): ConversationPage => ({ mine: data.meta.mine_count ?? 0, conversations: data.payload }),
  );

/** The first page of conversations; 25 are 78 kB in half a second (contract [R] 5), so not for the hot path. */
export function conversationListApi(api: Api) {
  return {
    async newest(
      account: number,
      { status, mine = false }: ConversationFilter = {},
      options?: CallOptions,
    ): Promise<ConversationPage> {
      const request = {
        operation: 'conversations.newest',
        method: 'GET',
        path: accountPath(account, 'conversations'),
        query: {
          status: status ?? 'all',
          assignee_type: mine ? 'me' : 'all',
          sort_by: 'last_activity_at_desc',
        },
      } as const;
      return api.json(request, pageSchema, options);
    },
  };
}
