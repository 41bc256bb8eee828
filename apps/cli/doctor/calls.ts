import {
  type ChatwootClient,
  type InboxRecord,
  isHumanReply,
  type MessageRecord,
} from '@switchyard/chatwoot';
import { attempt } from './attempt.ts';
import { type Finding, ok, warn } from './check.ts';

/** Conversations whose messages are looked at for replies by the token's own user. */
const LOOKED_AT = 3;
const NAME = 'calls of the workers';
const OWN_USER = 'user of its own';

/** Makes the reading calls that the workers make, with the user's token, and looks whether a person works as that user. */
export async function callFindings(
  client: ChatwootClient,
  account: number,
  user: { readonly id: number; readonly name: string | null },
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  const [agents, teams, inboxes, newest, mine] = await Promise.all([
    attempt(NAME, client.agents.list(account, { signal })),
    attempt(NAME, client.teams.list(account, { signal })),
    attempt(NAME, client.inboxes.list(account, { signal })),
    attempt(NAME, client.conversations.newest(account, {}, { signal })),
    attempt(NAME, client.conversations.newest(account, { status: 'open', mine: true }, { signal })),
  ]);
  const conversations = newest.ok ? newest.value.conversations.slice(0, LOOKED_AT) : [];
  const [first] = conversations;
  const inbox: InboxRecord | undefined = inboxes.ok ? inboxes.value[0] : undefined;
  const [read, bot, ...messages] = await Promise.all([
    first === undefined ? null : attempt(NAME, client.conversations.get(account, first.id, { signal })),
    inbox === undefined ? null : attempt(NAME, client.agentBots.ofInbox(account, inbox.id, { signal })),
    ...conversations.map(({ id }) => attempt(NAME, client.messages.list(account, id, {}, { signal }))),
  ]);
  const tried = [agents, teams, inboxes, newest, mine, read, bot, ...messages].filter((one) => one !== null);
  const failed = tried.flatMap((one) => (one.ok ? [] : [one.finding]));
  const untried = [
    ...(first === undefined ? ['a conversation and its messages (there is none yet)'] : []),
    ...(inbox === undefined ? ['the bot of an inbox (there is none yet)'] : []),
  ];
  const rest = untried.length === 0 ? '' : `; not tried: ${untried.join(', ')}`;
  return [
    ...(failed.length > 0
      ? failed
      : [
          ok(
            NAME,
            `account ${account}: agents, teams, inboxes, bots, conversations, messages are read${rest}`,
          ),
        ]),
    ...judgeOwnUser({
      user,
      account,
      assigned: mine.ok ? mine.value.mine : 0,
      replied: messages.some((one) => one.ok && one.value.some((message) => isOwnHand(message, user.id))),
    }),
  ];
}

/**
 * What its owner does by hand can't be told from what we do with its token (contract [R] 4). Whether somebody works as
 * that user shows in part only; a name of ours says that nobody does. Pure.
 */
export function judgeOwnUser({
  user,
  account,
  assigned,
  replied,
}: {
  readonly user: { readonly name: string | null };
  readonly account: number;
  readonly assigned: number;
  readonly replied: boolean;
}): Finding[] {
  const how = [
    ...(assigned > 0 ? [`has ${assigned} open ${assigned === 1 ? 'conversation' : 'conversations'}`] : []),
    ...(replied ? ['has answered customers'] : []),
  ];
  const who = user.name ?? 'the owner of CHATWOOT_API_TOKEN';
  if (how.length === 0 && /switchyard/i.test(user.name ?? '')) {
    return [ok(OWN_USER, `${who}: by its name nobody works as this user in account ${account}`)];
  }
  const shows = how.length === 0 ? `may be a person who works` : how.join(' and ');
  return [
    warn(
      OWN_USER,
      `${who} ${shows} in account ${account}: what this person does by hand can't be told from what Switchyard does`,
      'Make an administrator in Chatwoot with whom nobody works, call it Switchyard, and use its access token for CHATWOOT_API_TOKEN.',
    ),
  ];
}

function isOwnHand(message: MessageRecord, user: number): boolean {
  return isHumanReply(message) && message.sender?.id === user;
}
