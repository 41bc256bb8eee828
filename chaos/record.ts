import type { FakeChatwoot, FakeCrm } from '@switchyard/testkit';
import type { Effect } from './history.ts';

/** What the pretend systems say was committed, whatever their callers were told. */
export function recordEffects(chatwoot: FakeChatwoot, crm: FakeCrm): readonly Effect[] {
  return [...chatwootEffects(chatwoot), ...crmEffects(crm)];
}

function chatwootEffects(chatwoot: FakeChatwoot): readonly Effect[] {
  const { enterpriseTeam, standardTeam, salesTeam } = chatwoot.ids;
  const teams = new Map([
    [enterpriseTeam as number, 'enterprise support'],
    [standardTeam, 'standard support'],
    [salesTeam, 'sales'],
  ]);
  return chatwoot.effects().map((effect): Effect => {
    const { kind, conversationId: conversation, value, at } = effect;
    const other: Effect = { kind: 'other', conversation, at, what: `${kind} ${String(value)}` };
    if (conversation === null) return other;
    switch (kind) {
      case 'message': {
        const marker = /^bot-replies:(.+):([^:]+)$/.exec(String(effect.contentAttributes?.switchyard));
        const [, delivery, step] = marker ?? [];
        if (delivery === undefined || step === undefined) return other;
        return { kind, conversation, at, delivery, step };
      }
      case 'team':
        return { kind, conversation, at, team: teams.get(Number(value)) ?? `team ${String(value)}` };
      case 'status':
        return value === 'open' ? { kind: 'opened', conversation, at } : other;
      case 'priority':
        return { kind, conversation, at, priority: String(value) };
      default:
        return other;
    }
  });
}

function crmEffects(crm: FakeCrm): readonly Effect[] {
  const conversationOf = new Map(
    crm.leads().map((lead) => [lead.id, Number(/\/(\d+)$/.exec(lead.conversation_url ?? '')?.[1])]),
  );
  return crm
    .writes()
    .filter(({ committed }) => committed)
    .map(({ method, leadId, idempotencyKey, at }): Effect => {
      const conversation = conversationOf.get(leadId) ?? null;
      const delivery = /^crm-sync:(.+):update-lead:\d+$/.exec(idempotencyKey ?? '')?.[1];
      if (conversation !== null && method === 'POST') return { kind: 'lead', conversation, at };
      if (conversation !== null && delivery !== undefined) {
        return { kind: 'lead-update', conversation, at, delivery };
      }
      return { kind: 'other', conversation, at, what: `${method} ${leadId} ${idempotencyKey}` };
    });
}
