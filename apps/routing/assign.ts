import { isDeepStrictEqual } from 'node:util';
import { CallFailure, type ChatwootClient, type ConversationState } from '@switchyard/chatwoot';
import type { Directory, Reference, StepContext } from '@switchyard/jobs';
import { rememberBegun } from './begun.ts';
import type { Decision } from './decide.ts';
import { holdersOf } from './hand.ts';

export interface AssignParts {
  readonly client: Pick<ChatwootClient, 'conversations'>;
  readonly directory: Directory;
}

type Assign = Extract<Decision, { action: 'assign' }>;

/**
 * Carries out an assignment, each part a step. The team comes before the agent, because a change of team takes
 * away an assignee who is not in it (contract §3.3).
 */
export async function assign(parts: AssignParts, decision: Assign, context: StepContext): Promise<void> {
  const { account, conversation, owners, assign } = decision;
  const ids = await begin(parts, decision, context);
  if (owners) await assignOwners(parts, decision, ids, context);
  if (assign.priority === undefined && assign.labels === undefined) return;
  // The bot may hand the conversation to another team any moment: that is no reason to leave the rest undone.
  await context.step('assigned', () =>
    rememberBegun(context, account, conversation, { ...ids, assigned: true }),
  );
  await markConversation(parts, decision, context);
}

/** Names become ids before anything is written, so that a name that is not there leaves nothing half done. */
function begin({ client, directory }: AssignParts, decision: Assign, context: StepContext) {
  const { account, conversation, setting, assign } = decision;
  return context.step('begin', async ({ signal }) => {
    const resolve = (kind: Reference['kind'], value: string | number | undefined) =>
      value === undefined
        ? null
        : directory.resolve(account, { kind, setting: `${setting}.${kind}`, value }, signal);
    const ids = { team: await resolve('team', assign.team), agent: await resolve('agent', assign.agent) };
    await assertStillSo(client, decision, signal);
    await rememberBegun(context, account, conversation, { ...ids, assigned: false });
    return ids;
  });
}

/**
 * People are quick, and a customers query may be slow: nothing is assigned over what came between.
 *
 * @throws {CallFailure} `transient`, ROUTING_TAKEN_MEANWHILE: somebody has it by now; the job looks again.
 */
async function assertStillSo(
  client: AssignParts['client'],
  { account, conversation, holders }: Assign,
  signal: AbortSignal,
): Promise<void> {
  if (holders === null) return;
  const now = await client.conversations.get(account, conversation, { signal });
  if (isDeepStrictEqual(holdersOf(now), holders)) return;
  throw new CallFailure(
    'transient',
    `conversation ${conversation} was changed while its team was looked up; looking again`,
    { code: 'ROUTING_TAKEN_MEANWHILE', target: 'chatwoot', retryAfterMs: 500 },
  );
}

async function assignOwners(
  { client }: AssignParts,
  { account, conversation }: Assign,
  { team, agent }: { readonly team: number | null; readonly agent: number | null },
  context: StepContext,
): Promise<void> {
  const { conversations } = client;
  const confirmBy = confirmWith(client, account, conversation);
  if (team !== null) {
    await context.step(
      'assign-team',
      ({ signal }) => conversations.assignTeam(account, conversation, team, { signal }),
      confirmBy((now) => now.team?.id === team),
    );
  }
  if (agent !== null) {
    await context.step(
      'assign-agent',
      ({ signal }) => conversations.assignAgent(account, conversation, agent, { signal }),
      confirmBy((now) => now.assignee?.kind === 'user' && now.assignee.id === agent),
    );
  }
}

async function markConversation(
  { client }: AssignParts,
  { account, conversation, assign, current }: Assign,
  context: StepContext,
): Promise<void> {
  const { conversations } = client;
  const { priority, labels = [] } = assign;
  const confirmBy = confirmWith(client, account, conversation);
  if (priority !== undefined && priority !== current.priority) {
    await context.step(
      'set-priority',
      ({ signal }) => conversations.setPriority(account, conversation, priority, { signal }),
      confirmBy((now) => now.priority === priority),
    );
  }
  if (!hasAll(current.labels, labels)) {
    await context.step(
      'add-labels',
      async ({ signal }) => void (await conversations.labels.add(account, conversation, labels, { signal })),
      confirmBy((now) => hasAll(now.labels, labels)),
    );
  }
}

/** An unknown outcome is told by reading the conversation: is it as the step would leave it? */
function confirmWith(client: AssignParts['client'], account: number, conversation: number) {
  return (isDone: (now: ConversationState) => boolean) => ({
    confirm: async ({ signal }: { readonly signal: AbortSignal }) => {
      const now = await client.conversations.get(account, conversation, { signal });
      return isDone(now) ? { done: true as const, result: undefined } : { done: false as const };
    },
  });
}

function hasAll(present: readonly string[], wanted: readonly string[]): boolean {
  const there = new Set(present.map((label) => label.toLowerCase()));
  return wanted.every((label) => there.has(label.trim().toLowerCase()));
}
