import { subscribable } from '../events.ts';
import type { FakeChatwoot } from '../fake-chatwoot.ts';
import { startFakeChatwoot } from '../fake-chatwoot.ts';
import { api } from '../testing-line.ts';
import { startReceiver } from '../testing-receiver.ts';
import { Names } from './names.ts';
import type { Recording } from './recording.ts';

/** What an endpoint answers for the moment; `hang` never does. */
export type EndpointAnswer = number | 'hang';

export interface Installation extends AsyncDisposable {
  readonly fake: FakeChatwoot;
  readonly names: Names;
  readonly received: Awaited<ReturnType<typeof startReceiver>>['received'];
  answer(what: EndpointAnswer): void;
}

/** The pretend Chatwoot, arranged like the recorded one: nobody online, inboxes assign, everybody is in them. */
export async function install({ version, name, webhooks, calls }: Recording): Promise<Installation> {
  let said: EndpointAnswer = 200;
  const receiver = await startReceiver(() => said);
  const to = receiver.url.replace('/hook', '');
  const fake = await startFakeChatwoot({
    version,
    delivery: { ordered: false, timeoutMs: name === 'failing_endpoint' ? 1500 : 20_000, botRetryMs: 5 },
  });
  const names = new Names(fake);
  const { apiInbox, websiteInbox, administrator, agent, secondAgent, standardTeam, enterpriseTeam, bot } =
    fake.ids;
  const staff = [administrator, agent, secondAgent];
  for (const user of staff) fake.setAvailability(user, 'offline');
  for (const inbox of [apiInbox, websiteInbox]) {
    fake.setInboxMembers(inbox, staff);
    await api(fake, 'PATCH', `/inboxes/${inbox}`, { enable_auto_assignment: true });
  }
  for (const team of [standardTeam, enterpriseTeam]) {
    await api(fake, 'PATCH', `/teams/${team}/team_members`, { user_ids: [agent, secondAgent] });
  }
  await api(fake, 'PATCH', `/agent_bots/${bot}`, { outgoing_url: `${to}/cw/bot` });
  fake.connectApiInbox(`${to}/cw/api-inbox`);
  const shown = async (path: string) => JSON.stringify((await api(fake, 'GET', path)).json);
  names.learnText('<api_identifier>', identifierIn(await shown(`/inboxes/${apiInbox}`), 'inbox_identifier'));
  names.learnText('<website_token>', identifierIn(await shown(`/inboxes/${websiteInbox}`), 'website_token'));
  nameStaff(names);
  seedEarlier(fake, names, { webhooks, calls });
  await fake.idle();
  fake.addWebhook({ url: `${to}/cw/account`, subscriptions: subscribable });
  receiver.received.splice(0);
  return {
    fake,
    names,
    received: receiver.received,
    answer(what) {
      said = what;
    },
    async [Symbol.asyncDispose]() {
      await fake.close();
      await receiver.close();
    },
  };
}

function identifierIn(json: string, key: string): string {
  const found = new RegExp(`"${key}":"([^"]+)"`).exec(json)?.[1];
  if (found === undefined) throw new Error(`the pretend Chatwoot shows no ${key}`);
  return found;
}

function nameStaff(names: Names): void {
  names.learnText('Ada Admin', 'Ada Moreno');
  names.learnText('Greta Agent', 'Tobias Engel');
  names.learnText('Olof Agent', 'Priya Nair');
  names.learnText('Switchyard bot', 'Triage Bot');
}

/** Conversations that a recording speaks of and that were there before it: open ones of the API inbox. */
function seedEarlier(
  fake: FakeChatwoot,
  names: Names,
  { calls, webhooks }: Pick<Recording, 'calls' | 'webhooks'>,
): void {
  const begun = new Set(calls.flatMap((call) => beganConversation(call)));
  const spokenOf = [
    ...webhooks.flatMap(({ body }) => (body.event === 'conversation_updated' ? [Number(body.id)] : [])),
    ...calls.flatMap(({ path }) => /\/conversations\/(\d+)/.exec(path)?.[1] ?? []).map(Number),
  ];
  for (const id of new Set(spokenOf)) {
    if (begun.has(id) || id > 1_000_000) continue;
    const { conversationId } = fake.writeAsCustomer({
      content: 'from before',
      inboxId: fake.ids.apiInbox,
      contact: { email: `earlier${id}@example.com`, phone: `+4670${1_000_000 + id}` },
    });
    names.learn('conversation', id, conversationId);
  }
}

function beganConversation({ method, path, body }: Recording['calls'][number]): readonly number[] {
  const begins = method === 'POST' && /\/conversations(\?|$)/.test(path);
  return begins && typeof body === 'object' && body !== null && 'id' in body ? [Number(body.id)] : [];
}
