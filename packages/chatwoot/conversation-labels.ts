import { z } from 'zod';
import { type ActorOptions, type Api, accountPath, type CallOptions, payloadOf } from './api.ts';
import { CallFailure } from './failure.ts';

const ROUNDS = 3;
const namesSchema = payloadOf(z.array(z.string()));

/** Labels of a conversation. Chatwoot can only replace the whole list, and takes unknown names (contract §3.3). */
export function conversationLabelsApi(api: Api) {
  async function list(
    account: number,
    conversation: number,
    options?: CallOptions,
  ): Promise<readonly string[]> {
    const request = {
      operation: 'conversations.labels.list',
      method: 'GET',
      path: labelsPath(account, conversation),
    } as const;
    return api.json(request, namesSchema, options);
  }

  return {
    list,

    /**
     * Adds labels and keeps the others: read, merge, write, read again, at most three times, since another
     * writer may have replaced the list in between. Names are lower-cased, as Chatwoot stores them. Returns the
     * labels that are there. A bot may write them from 4.16 on (contract [R] 2).
     *
     * @throws {CallFailure} `transient`, CHATWOOT_LABELS_LOST: someone keeps replacing the list.
     */
    async add(
      account: number,
      conversation: number,
      labels: readonly string[],
      options?: ActorOptions,
    ): Promise<readonly string[]> {
      const wanted = [...new Set(labels.map(normalised))].filter((label) => label !== '');
      let present = await list(account, conversation, options);
      for (let round = 0; round < ROUNDS; round += 1) {
        const missing = missingFrom(present, wanted);
        if (missing.length === 0) return present;
        await replace(account, conversation, [...present, ...missing], options);
        present = await list(account, conversation, options);
      }
      if (missingFrom(present, wanted).length === 0) return present;
      throw new CallFailure(
        'transient',
        `Chatwoot: labels of conversation ${conversation} in account ${account} did not stay after ${ROUNDS} writes; something else replaces them`,
        { code: 'CHATWOOT_LABELS_LOST', target: 'chatwoot' },
      );
    },
  };

  async function replace(
    account: number,
    conversation: number,
    labels: readonly string[],
    options?: ActorOptions,
  ) {
    const request = {
      operation: 'conversations.labels.replace',
      method: 'POST',
      path: labelsPath(account, conversation),
      body: { labels },
      bots: true,
    } as const;
    return api.json(request, namesSchema, options);
  }
}

function labelsPath(account: number, conversation: number): string {
  return accountPath(account, 'conversations', conversation, 'labels');
}

function missingFrom(present: readonly string[], wanted: readonly string[]): readonly string[] {
  const there = new Set(present.map(normalised));
  return wanted.filter((label) => !there.has(label));
}

function normalised(label: string): string {
  return label.trim().toLowerCase();
}
