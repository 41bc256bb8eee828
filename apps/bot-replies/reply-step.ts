import { type ChatwootClient, contentAttributesWith } from '@switchyard/chatwoot';
import type { StepContext, StepOptions } from '@switchyard/jobs';
import type { Place } from './decision.ts';

export interface ReplyParts {
  readonly client: Pick<ChatwootClient, 'messages'>;
  /** Whether there is a user token: bots may not list messages (contract §3.7). */
  readonly canListMessages: boolean;
}

interface Sent {
  /** null when nobody can tell whether it was sent. */
  readonly messageId: number | null;
}

/**
 * Sends one message to the customer, as the bot where it has a token. Chatwoot's message API has no idempotency
 * key, so the message carries the step's key as our marker: that is how an unknown outcome is told, and how our
 * own reply, which with a user token looks like an agent's, is known when its webhook comes (contract §3.2).
 */
export async function sendReply(
  parts: ReplyParts,
  name: string,
  content: string,
  { account, conversation, message }: Place,
  context: StepContext,
): Promise<void> {
  await context.step<Sent>(
    name,
    async ({ key, signal }) => {
      const sent = await parts.client.messages.create(
        account,
        conversation,
        { content, contentAttributes: contentAttributesWith(key) },
        { as: 'bot', signal },
      );
      return { messageId: sent.id };
    },
    parts.canListMessages
      ? lookForMarker(parts.client, { account, conversation, message })
      : assumeSent(context),
  );
}

function lookForMarker(
  client: ReplyParts['client'],
  { account, conversation, message }: Omit<Place, 'open'>,
): StepOptions<Sent> {
  return {
    async confirm({ key, signal }) {
      const newer = await client.messages.list(account, conversation, { after: message }, { signal });
      const ours = newer.find(({ marker }) => marker === key);
      return ours === undefined ? { done: false } : { done: true, result: { messageId: ours.id } };
    },
  };
}

/**
 * With a bot token alone nobody can look. A customer who gets no answer asks again or reaches a human; one who
 * gets the same answer twice sees a broken bot. So the reply is not sent again.
 */
function assumeSent(context: StepContext): StepOptions<Sent> {
  return {
    confirm() {
      context.log.warn(
        'reply not sent again: its outcome is unknown, and without CHATWOOT_API_TOKEN there is no way to look for it',
      );
      return Promise.resolve({ done: true, result: { messageId: null } });
    },
  };
}
