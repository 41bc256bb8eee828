import type { FakeChatwoot, FakeCrm } from '@switchyard/testkit';

/** What the pretend Chatwoot and CRM say of one conversation in the end, whatever their callers were told. */
export interface Seen {
  /** Public messages of ours, in their order. Instants are epoch milliseconds everywhere. */
  readonly answers: readonly { readonly text: string; readonly at: number }[];
  readonly teams: readonly { readonly team: string; readonly at: number }[];
  readonly priorities: readonly string[];
  /** When we opened it. */
  readonly opened: readonly number[];
  /** Writes of ours that nothing should cause. */
  readonly others: readonly string[];
  readonly leads: number;
  readonly status: string;
  readonly team: string | null;
  /** The id of the user who has it. */
  readonly assignee: number | null;
}

/** Reads the records of both; every effect is ours, since people and customers act past the API. */
export function createObserver(chatwoot: FakeChatwoot, crm: FakeCrm): (conversation: number) => Seen {
  const effects = Map.groupBy(chatwoot.effects(), ({ conversationId }) => conversationId);
  const leads = Map.groupBy(crm.leads(), ({ conversation_url }) =>
    Number(/\/(\d+)$/.exec(conversation_url ?? '')?.[1]),
  );
  const { enterpriseTeam, standardTeam, salesTeam } = chatwoot.ids;
  const teams = new Map<number, string>([
    [enterpriseTeam, 'enterprise support'],
    [standardTeam, 'standard support'],
    [salesTeam, 'sales'],
  ]);

  return (conversation) => {
    const privates = new Set(
      chatwoot.messages(conversation).flatMap((message) => (message.private ? [message.id] : [])),
    );
    const ours = effects.get(conversation) ?? [];
    const of = (kind: string) => ours.filter((effect) => effect.kind === kind);
    const isPrivate = ({ messageId = 0 }) => privates.has(messageId);
    const { status, team, assignee } = chatwoot.conversation(conversation);
    return {
      answers: of('message')
        .filter((effect) => !isPrivate(effect))
        .map(({ value, at }) => ({ text: String(value), at })),
      teams: of('team').map(({ value, at }) => ({ team: teams.get(Number(value)) ?? String(value), at })),
      priorities: of('priority').map(({ value }) => String(value)),
      opened: of('status').flatMap(({ value, at }) => (value === 'open' ? [at] : [])),
      others: ours
        .filter((effect) => {
          if (effect.kind === 'message') return isPrivate(effect);
          if (effect.kind === 'status') return effect.value !== 'open';
          return effect.kind !== 'team' && effect.kind !== 'priority';
        })
        .map(({ kind, value }) => `${kind === 'message' ? 'private note' : kind} ${String(value)}`),
      leads: leads.get(conversation)?.length ?? 0,
      status,
      team: team?.name ?? null,
      assignee: assignee?.kind === 'user' ? assignee.id : null,
    };
  };
}
