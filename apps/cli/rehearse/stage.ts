import { randomBytes } from 'node:crypto';
import type { AgentBot, ChatwootClient, InboxRecord } from '@switchyard/chatwoot';
import { CommandFailure } from '../command-failure.ts';
import { EXIT } from '../exit.ts';

/** The inbox that is played in, and everything that was made for it. */
export interface Stage {
  readonly account: number;
  readonly inbox: InboxRecord;
  readonly made: boolean;
  /** The bot of the inbox; its new conversations begin pending. */
  readonly bot: AgentBot | null;
  /** The conversations so far, and when each was begun. */
  readonly begun: readonly { readonly conversation: number; readonly at: number }[];
  /** A customer nobody knows begins a conversation with this. */
  begin(text: string): Promise<Played>;
  /** The same customer writes again. @returns the message's id. */
  write(played: Played, text: string): Promise<number>;
  /** Removes what was made; what could not be removed, a line each. */
  clear(): Promise<readonly string[]>;
}

/** A conversation of the rehearsal. */
export interface Played {
  readonly conversation: number;
  readonly contact: number;
  readonly sourceId: string;
  /** The customer's first message. */
  readonly message: number;
  /** When it was sent, by our clock. */
  readonly at: number;
}

export interface StageWish {
  readonly account: number;
  /** null: one is made. */
  readonly inbox: number | null;
  /** The agent bot that an inbox of our own gets; null for none. */
  readonly bot: AgentBot | null;
  /** Called with each customer that is played, before the line can hear of them. */
  readonly onCustomer: (inbox: number, contact: number) => Promise<void>;
}

type Client = Pick<ChatwootClient, 'inboxes' | 'customer' | 'conversations' | 'contacts' | 'agentBots'>;

/** @throws {CommandFailure} the inbox is none that a customer can be played in. */
export async function setStage(client: Client, wish: StageWish, signal: AbortSignal): Promise<Stage> {
  const { account } = wish;
  const inbox =
    wish.inbox === null
      ? await makeInbox(client, account)
      : await client.inboxes.get(account, wish.inbox, { signal });
  const { identifier } = inbox;
  const contacts: number[] = [];
  const begun: { readonly conversation: number; readonly at: number }[] = [];
  const stage: Stage = {
    account,
    inbox,
    made: wish.inbox === null,
    begun,
    bot: wish.inbox === null ? wish.bot : await client.agentBots.ofInbox(account, inbox.id, { signal }),
    async begin(text) {
      const name = `Rehearsal ${randomBytes(4).toString('hex')}`;
      const email = `${name.toLowerCase().replace(' ', '-')}@example.com`;
      const contact = await client.customer.createContact(identifier ?? '', { name, email });
      contacts.push(contact.id);
      await wish.onCustomer(inbox.id, contact.id);
      const conversation = await client.customer.beginConversation(identifier ?? '', contact.sourceId);
      const at = Date.now();
      begun.push({ conversation, at });
      const { sourceId } = contact;
      const message = await client.customer.write(identifier ?? '', {
        sourceId,
        conversation,
        content: text,
      });
      return { conversation, contact: contact.id, sourceId, message, at };
    },
    write: ({ sourceId, conversation }, content) =>
      client.customer.write(identifier ?? '', { sourceId, conversation, content }),
    async clear() {
      const left: string[] = [];
      const remove = async (what: string, work: () => Promise<void>) => {
        await work().catch((error: unknown) => {
          left.push(`${what}: ${error instanceof Error ? error.message : 'not removed'}`);
        });
      };
      for (const { conversation: id } of begun)
        await remove(`conversation ${id}`, () => client.conversations.delete(account, id));
      for (const id of contacts) await remove(`contact ${id}`, () => client.contacts.delete(account, id));
      if (stage.made) await remove(`inbox ${inbox.id}`, () => client.inboxes.delete(account, inbox.id));
      return left;
    },
  };
  if (identifier === null) throw noCustomerHere(inbox);
  if (stage.made && wish.bot !== null) {
    try {
      await client.agentBots.connect(account, inbox.id, wish.bot.id);
    } catch (error) {
      await stage.clear();
      throw error;
    }
  }
  return stage;
}

function makeInbox(client: Client, account: number): Promise<InboxRecord> {
  return client.inboxes.createApiInbox(account, `Switchyard rehearsal ${randomBytes(2).toString('hex')}`);
}

function noCustomerHere({ id, name, channelType }: InboxRecord): CommandFailure {
  return new CommandFailure(
    EXIT.usage,
    'INBOX_NOT_PLAYABLE',
    `--inbox: inbox ${id} (${name}) is a ${channelType ?? 'channel of another kind'}; a customer can be played in API inboxes only`,
    ['Leave --inbox out: an inbox is made for the rehearsal, and removed after it.'],
  );
}
