import { z } from 'zod';
import { type Answer, answerDifferences } from './answers.ts';
import { type Burst, burstsOf } from './bursts.ts';
import { type EndpointAnswer, type Installation, install } from './installation.ts';
import type { Names } from './names.ts';
import type { RecordedCall, Recording } from './recording.ts';
import { webhookDifferences } from './webhooks.ts';

export interface Played {
  readonly differences: readonly Difference[];
  readonly calls: number;
  readonly webhooks: number;
}

interface Visitor {
  authToken: string | null;
}

export interface Difference {
  /** The call, or the calls that came together, as `METHOD path as`. */
  readonly call: string;
  readonly text: string;
}

/** Plays a recording's calls against the pretend Chatwoot of its version, and says what was different. */
export async function play(recording: Recording): Promise<Played> {
  await using installation = await install(recording);
  const differences: Difference[] = [];
  const visitor: Visitor = { authToken: null };
  for (const burst of burstsOf(recording)) {
    for (const { call } of burst.calls) {
      const answer = await repeat(call, installation, visitor);
      learn(call, answer, installation.names, visitor);
      const found = answerDifferences(call, answer, installation.names);
      differences.push(...found.map((text) => ({ call: nameOf(call), text })));
    }
    differences.push(...(await settle(burst, installation)));
  }
  return { differences, calls: recording.calls.length, webhooks: recording.webhooks.length };
}

async function settle(
  burst: Burst,
  { received, names, answer }: Installation,
): Promise<readonly Difference[]> {
  const told = webhookDifferences(burst.webhooks, received, names);
  received.splice(0);
  answer(200);
  const writes = burst.calls.filter(({ call }) => call.method !== 'GET');
  const call = [...new Set(writes.map((each) => nameOf(each.call)))].join(' + ');
  return told.map((text) => ({ call, text }));
}

async function repeat(call: RecordedCall, installation: Installation, visitor: Visitor): Promise<Answer> {
  const { fake, names, answer } = installation;
  answer(endpointDuring(call));
  const { administrator, agent, bot } = fake.tokens;
  const tokens = { admin: administrator, agent, bot, customer: null, none: null };
  const token = tokens[call.as];
  const response = await fetch(fake.url + names.ourPath(call.path), {
    method: call.method,
    headers: {
      'content-type': 'application/json',
      ...(token === null ? {} : { api_access_token: token }),
      ...(visitor.authToken === null ? {} : { 'x-auth-token': visitor.authToken }),
    },
    ...(call.request === undefined ? {} : { body: JSON.stringify(names.ourRequest(requestOf(call))) }),
    signal: AbortSignal.timeout(10_000),
  });
  const text = await response.text();
  await fake.idle();
  const isJson = response.headers.get('content-type')?.includes('json') ?? false;
  return { status: response.status, body: isJson && text !== '' ? JSON.parse(text) : text };
}

/**
 * The recordings cut a text short that was too long for Chatwoot; and they were made in an evening: here every day is
 * closed, whenever the test runs.
 */
function requestOf({ request, status, body }: RecordedCall): unknown {
  if (Array.isArray(request?.working_hours)) {
    const closed = request.working_hours.map((each: object) => ({ ...each, closed_all_day: true }));
    return { ...request, working_hours: closed };
  }
  const tooLong = status === 422 && JSON.stringify(body).includes('is too long');
  return tooLong ? { ...request, content: 'x'.repeat(150_001) } : request;
}

/** What the recorded endpoints answered meanwhile is told by what the customer wrote. */
function endpointDuring({ request }: RecordedCall): EndpointAnswer {
  const content = String(request?.content);
  if (content === 'while slow') return 'hang';
  if (content === 'while the bot is broken') return 500;
  const status = /^while (\d{3})$/.exec(content)?.[1];
  return status === undefined ? 200 : Number(status);
}

const numbered = z.object({ id: z.number() });
const begun = z.object({ messages: z.array(numbered) });
const newContact = z.object({ payload: z.object({ contact: numbered }) });
const sourced = z.object({ source_id: z.string() });
const wrapped = z.object({ payload: numbered });
const configured = z.object({
  contact: numbered,
  website_channel_config: z.object({ auth_token: z.string() }),
});

/** What the answers call things, on both sides. */
function learn(call: RecordedCall, answer: Answer, names: Names, visitor: Visitor): void {
  const both = <Parsed>(schema: z.ZodType<Parsed>) => {
    const [theirs, ours] = [schema.safeParse(call.body).data, schema.safeParse(answer.body).data];
    return theirs === undefined || ours === undefined ? null : { theirs, ours };
  };
  if (call.method !== 'POST') return;
  const path = call.path.replace(/\?.*/, '');
  const config = both(configured);
  if (config !== null) {
    names.learn('contact', config.theirs.contact.id, config.ours.contact.id);
    visitor.authToken = config.ours.website_channel_config.auth_token;
  }
  const id = both(numbered) ?? nested(both(wrapped));
  if (id === null) {
    const contact = both(newContact);
    if (contact !== null) {
      names.learn('contact', contact.theirs.payload.contact.id, contact.ours.payload.contact.id);
    }
    return;
  }
  const kind = kinds.find(([end]) => path.endsWith(end))?.[1];
  if (kind !== undefined) names.learn(kind, id.theirs.id, id.ours.id);
  const source = both(sourced);
  if (kind === 'contact' && source !== null) {
    names.learnText(source.theirs.source_id, source.ours.source_id);
  }
  const first = kind === 'conversation' ? both(begun) : null;
  for (const [nth, message] of (first?.theirs.messages ?? []).entries()) {
    const own = first?.ours.messages[nth];
    if (own !== undefined) names.learn('message', message.id, own.id);
  }
  const inbox = both(z.object({ inbox_identifier: z.string() }));
  if (kind === 'inbox' && inbox !== null) names.learnNewInbox(inbox.ours.inbox_identifier);
}

function nested(
  given: { readonly theirs: z.infer<typeof wrapped>; readonly ours: z.infer<typeof wrapped> } | null,
) {
  return given === null ? null : { theirs: given.theirs.payload, ours: given.ours.payload };
}

const kinds = [
  ['/contacts', 'contact'],
  ['/conversations', 'conversation'],
  ['/messages', 'message'],
  ['/inboxes', 'inbox'],
  ['/macros', 'other'],
  ['/automation_rules', 'other'],
] as const;

function nameOf({ method, path, as }: RecordedCall): string {
  const short = path
    .replace(/\?.*/, '')
    .replace(/^\/api\/v1\/accounts\/1/, '')
    .replace(/^\/public\/api\/v1\/inboxes\/[^/]+/, '/public')
    .replace(/\/[0-9a-f]{8}-[0-9a-f-]{27}/, '/:contact')
    .replace(/\/\d+/g, '/:id');
  return `${method} ${short} by ${as}`;
}
