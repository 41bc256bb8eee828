import {
  type AgentBot,
  CallFailure,
  type ChatwootClient,
  hasFeature,
  type InboxRecord,
} from '@switchyard/chatwoot';
import { sameUrl } from '../address/webhook-url.ts';
import { CommandFailure } from '../command-failure.ts';
import { EXIT } from '../exit.ts';
import { type Signing, unsignedAddress } from './hook.ts';

export interface BotWish {
  readonly account: number;
  readonly name: string;
  readonly inbox: number;
  readonly url: string;
  /** Take the place of another bot in this inbox. */
  readonly replace: boolean;
}

export interface ConnectedBot {
  readonly action: 'created' | 'updated' | 'unchanged';
  readonly bot: AgentBot;
  readonly inbox: InboxRecord;
  /** Whether the inbox has it already. */
  readonly attached: boolean;
  /** Why it keeps its old address; null when it has the new one. */
  readonly waitsFor: string | null;
}

/**
 * Makes the bot, or finds it by its name; does not attach it yet. Everything that could keep it from being attached
 * is looked at before anything is written. Where this Chatwoot does not sign a bot's webhooks (before 4.13.0), its
 * address is the one with a token. A bot that is attached is moved only once the ingress takes it at its new address:
 * a refused delivery opens the conversation (contract §1.4).
 *
 * @throws {CommandFailure} no such inbox, or it has another bot.
 */
export async function connectBot(
  client: Pick<ChatwootClient, 'agentBots' | 'inboxes'>,
  wish: BotWish,
  { version, token, whyNotYet }: Signing,
  signal: AbortSignal,
): Promise<ConnectedBot> {
  const { account, name } = wish;
  const [inboxes, bots] = await Promise.all([
    client.inboxes.list(account, { signal }),
    client.agentBots.list(account, { signal }),
  ]);
  const inbox = inboxNamed(inboxes, wish);
  const current = await client.agentBots.ofInbox(account, inbox.id, { signal });
  if (current !== null && current.name !== name && !wish.replace) {
    throw new CommandFailure(
      EXIT.problem,
      'INBOX_HAS_BOT',
      `inbox ${inbox.id} (${inbox.name}) has another bot already: ${current.name} (${current.id}); an inbox has one`,
      ['Give --replace-bot to put this one in its place, or choose another inbox.'],
    );
  }
  const unsigned = unsignedAddress(wish.url, token) ?? wish.url;
  const found = bots.find((bot) => bot.name === name);
  const attached = found !== undefined && current?.id === found.id;
  const known = hasFeature(version, 'signedBotWebhooks');
  const signs = known === false || found === undefined ? known : found.secret !== null;
  const url = signs === false ? unsigned : wish.url;
  if (found === undefined) {
    const bot = await createOnce(client, { ...wish, url });
    const isThere = bot.secret !== null || url === unsigned;
    const moved = isThere ? bot : await client.agentBots.update(account, bot.id, { outgoingUrl: unsigned });
    return { action: 'created', bot: moved, inbox, attached: false, waitsFor: null };
  }
  const unchanged = { action: 'unchanged', bot: found, inbox, attached } as const;
  if (found.outgoingUrl !== null && sameUrl(found.outgoingUrl, url)) return { ...unchanged, waitsFor: null };
  const waitsFor = attached ? await whyNotYet(url, found.secret) : null;
  if (waitsFor !== null) return { ...unchanged, waitsFor };
  const bot = await client.agentBots.update(account, found.id, { outgoingUrl: url });
  return {
    action: 'updated',
    bot: { ...bot, secret: bot.secret ?? found.secret },
    inbox,
    attached,
    waitsFor,
  };
}

function inboxNamed(inboxes: readonly InboxRecord[], { account, inbox }: BotWish): InboxRecord {
  const found = inboxes.find(({ id }) => id === inbox);
  if (found !== undefined) return found;
  const known = inboxes.map(({ id, name }) => `${id} (${name})`).join(', ');
  throw new CommandFailure(
    EXIT.notFound,
    'INBOX_NOT_FOUND',
    `--inbox: account ${account} has no inbox ${inbox}`,
    [known === '' ? 'It has none; make one in Chatwoot first.' : `It has: ${known}.`],
  );
}

async function createOnce(
  client: Pick<ChatwootClient, 'agentBots'>,
  { account, name, url }: BotWish,
): Promise<AgentBot> {
  try {
    const description = 'Made by switchyard connect';
    return await client.agentBots.create(account, { name, description, outgoingUrl: url });
  } catch (error) {
    if (!(error instanceof CallFailure && error.failure === 'unknown-outcome')) throw error;
    const made = (await client.agentBots.list(account)).find((bot) => bot.name === name);
    if (made === undefined) throw error;
    return made;
  }
}
