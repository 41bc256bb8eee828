import {
  CallFailure,
  type ChatwootClient,
  type ChatwootEvent,
  contentAttributesWith,
} from '@switchyard/chatwoot';
import type { HandoverCause, HandoverClaims, HandoverOrder, StepContext } from '@switchyard/jobs';
import type { HandoverDecision } from './decide.ts';

export interface StepsParts {
  readonly client: Pick<ChatwootClient, 'conversations' | 'messages'>;
  readonly claims: Pick<HandoverClaims, 'forHealer'>;
  /** What the private note says. */
  readonly notes: Readonly<Record<HandoverCause | 'undelivered', string>>;
}

type Taken = Exclude<HandoverDecision, { readonly action: 'nothing' }>;

/**
 * A private note that says why, then `open` (contract §4), each written as the bot where it has a token: that is
 * Chatwoot's own handoff. Where a person has replied already, `open` alone. The team stays as routing left it.
 */
export async function takeSteps(
  parts: StepsParts,
  event: ChatwootEvent,
  { action, order }: Taken,
  context: StepContext,
): Promise<void> {
  await context.step('claim', () => claim(parts, event, order));
  if (action === 'hand-over') await writeNote(parts, order, context);
  await open(parts, order, context);
}

async function claim({ claims }: StepsParts, event: ChatwootEvent, order: HandoverOrder): Promise<void> {
  if (order.job === null || (await claims.forHealer(event, order))) return;
  throw new CallFailure('transient', 'bot-replies has the message in hand itself', {
    code: 'HANDOVER_BOT_AT_IT',
    target: 'bot-replies',
  });
}

async function writeNote(
  { client, notes }: StepsParts,
  { account, conversation, message, undelivered, cause }: HandoverOrder,
  context: StepContext,
): Promise<void> {
  const list = (signal: AbortSignal) =>
    client.messages.list(account, conversation, message === null ? {} : { after: message }, { signal });
  await context.step<{ readonly messageId: number | null }>(
    'note',
    async ({ key, signal }) => {
      // bot-replies may have died after it had written its own.
      const already =
        message !== null && (await list(signal)).find((each) => each.private && isBotsNote(each.marker));
      if (already) return { messageId: already.id };
      const note = {
        content: notes[undelivered === true ? 'undelivered' : cause],
        private: true,
        contentAttributes: contentAttributesWith(key),
      };
      const { id } = await client.messages.create(account, conversation, note, { as: 'bot', signal });
      return { messageId: id };
    },
    {
      async confirm({ key, signal }) {
        const ours = (await list(signal)).find(({ marker }) => marker === key);
        return ours === undefined ? { done: false } : { done: true, result: { messageId: ours.id } };
      },
    },
  );
}

function isBotsNote(marker: string | null): boolean {
  return marker?.startsWith('bot-replies:') === true && marker.endsWith(':note');
}

async function open(
  { client }: StepsParts,
  { account, conversation }: HandoverOrder,
  context: StepContext,
): Promise<void> {
  await context.step(
    'open',
    ({ signal }) => client.conversations.setStatus(account, conversation, 'open', { as: 'bot', signal }),
    {
      async confirm({ signal }) {
        const now = await client.conversations.get(account, conversation, { signal });
        return now.status === 'open' ? { done: true, result: undefined } : { done: false };
      },
    },
  );
}
