import { type ChatwootClient, contentAttributesWith } from '@switchyard/chatwoot';
import type { StepContext, StepOptions } from '@switchyard/jobs';
import type { Place } from './decision.ts';

export interface ReplyParts {
  readonly client: Pick<ChatwootClient, 'messages'>;
}

interface Sent {
  /** null when it was withheld. */
  readonly messageId: number | null;
  /** It was too late to send it. */
  readonly withheld?: true;
}

type Where = Omit<Place, 'open' | 'asOf'>;

/**
 * Sends one message to the customer, as the bot where it has a token. Chatwoot's message API has no idempotency
 * key, so the message carries the step's key as our marker: that is how an unknown outcome is told, and how our
 * own reply, which with a user token looks like an agent's, is known when its webhook comes (contract §3.2).
 */
export async function sendReply(
  parts: ReplyParts,
  name: string,
  content: string,
  place: Where,
  context: StepContext,
): Promise<void> {
  await write(parts, name, { content, private: false }, place, context);
}

/** Writes a note that only the team sees, with our marker as a reply has it. */
export async function writeNote(
  parts: ReplyParts,
  content: string,
  place: Where,
  context: StepContext,
): Promise<void> {
  await write(parts, 'note', { content, private: true }, place, context);
}

/**
 * Whether an earlier attempt has sent the message of this step. If not, it never will be:
 * the step is then done, with nothing sent.
 */
export async function wasSent(
  parts: ReplyParts,
  name: string,
  place: Where,
  context: StepContext,
): Promise<boolean> {
  const withhold = () => Promise.resolve<Sent>({ messageId: null, withheld: true });
  const { withheld } = await context.step(name, withhold, lookForMarker(parts.client, place));
  return withheld !== true;
}

async function write(
  parts: ReplyParts,
  name: string,
  message: { readonly content: string; readonly private: boolean },
  place: Where,
  context: StepContext,
): Promise<void> {
  const { account, conversation } = place;
  await context.step<Sent>(
    name,
    async ({ key, signal }) => {
      const written = { ...message, contentAttributes: contentAttributesWith(key) };
      const options = { as: 'bot', signal } as const;
      const sent = await parts.client.messages.create(account, conversation, written, options);
      return { messageId: sent.id };
    },
    lookForMarker(parts.client, place),
  );
}

function lookForMarker(
  client: ReplyParts['client'],
  { account, conversation, message }: Where,
): StepOptions<Sent> {
  return {
    async confirm({ key, signal }) {
      const newer = await client.messages.list(account, conversation, { after: message }, { signal });
      const ours = newer.find(({ marker }) => marker === key);
      return ours === undefined ? { done: false } : { done: true, result: { messageId: ours.id } };
    },
  };
}
