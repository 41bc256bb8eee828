import { CallFailure } from '@switchyard/chatwoot';
import { type DecisionSummary, isRehearsal, type StepContext, type WorkerDefinition } from '@switchyard/jobs';
import { aboutDecision } from './about.ts';
import type { Crm } from './crm.ts';
import { type Decision, decide, type Facts } from './decide.ts';
import { nothingKnown, REMEMBERED_MS, readRecord, recordKey, withLead } from './known-leads.ts';

/** A rehearsal is over long before; its contact is deleted. */
const REHEARSED_MS = 24 * 60 * 60_000;

export interface CrmSyncParts {
  readonly chatwootBaseUrl: string;
  readonly crm: Crm;
  /** Names of the fields that a new lead and a changed contact get, for the story of a conversation. */
  readonly fields?: { readonly created: readonly string[]; readonly updated: readonly string[] };
}

/**
 * Keeps the CRM in step: a new conversation becomes a lead, a contact's changes update the leads it has.
 *
 * All jobs of a contact share a lane (packages/jobs/catalogue.ts), so its record is read and written by one job
 * at a time.
 */
export function createCrmSyncWorker({
  chatwootBaseUrl,
  crm,
  fields = { created: [], updated: [] },
}: CrmSyncParts): WorkerDefinition<Facts, Decision & Pick<DecisionSummary, 'about'>> {
  const created = fields.created.join(', ');
  const updated = fields.updated.join(', ');
  return {
    queue: 'crm-sync',
    async facts(event, { state }) {
      const { account, contact, conversation, inbox } = event;
      if (account === null) return { record: nothingKnown, chatwootBaseUrl, rehearsal: false };
      const key = recordKey(account, contact?.id ?? null, conversation?.id ?? null);
      const [record, rehearsal] = await Promise.all([
        state.get(key),
        // A contact's changes reach only leads with an id, which a rehearsed one has not.
        event.name === 'conversation_created' && isRehearsal(state, account, inbox?.id, contact?.id),
      ]);
      return { record: readRecord(record), chatwootBaseUrl, rehearsal };
    },
    decide(event, facts) {
      const decision = decide(event, facts);
      const about = aboutDecision(decision);
      if (about === null) return decision;
      return {
        ...decision,
        about: { ...about, fields: decision.action === 'create-lead' ? created : updated },
      };
    },
    async steps(_event, decision, context) {
      if (decision.action === 'create-lead') await createLead(crm, decision, context);
      if (decision.action === 'update-leads') await updateLeads(crm, decision, context);
    },
  };
}

async function createLead(
  crm: Crm,
  decision: Extract<Decision, { action: 'create-lead' }>,
  context: StepContext,
): Promise<void> {
  const { facts, conversation, idempotencyKey } = decision;
  const { findLead } = crm;
  if (decision.rehearsal) return rehearseLead(crm, decision, context);
  const { leadId } = await context.step(
    'create-lead',
    async ({ signal }) => ({ leadId: await crm.createLead(facts, { idempotencyKey, signal }) }),
    // Without a lookup the step is performed again: with the same key, that is the question "is it there?" to a
    // CRM that honours Idempotency-Key.
    findLead === undefined
      ? {}
      : {
          confirm: async ({ signal }) => {
            const leadId = await findLead(facts, signal);
            return leadId === null ? { done: false } : { done: true, result: { leadId } };
          },
        },
  );
  if (leadId === null) {
    context.log.warn('the CRM answered no id at crm.idPath; changes of the contact will not reach this lead');
  }
  await context.step('remember-lead', async () => {
    const record = readRecord(await context.state.get(decision.record));
    await context.state.set(decision.record, withLead(record, { conversation, id: leadId }), REMEMBERED_MS);
  });
}

/** All but the call: the fields are made, so that a mapping that fails is seen, and the lead is remembered. */
async function rehearseLead(
  crm: Crm,
  { facts, conversation, record }: Extract<Decision, { action: 'create-lead' }>,
  context: StepContext,
): Promise<void> {
  await context.step('rehearse-lead', async () => ({ fields: crm.rehearseLead(facts) }));
  await context.step('remember-lead', async () => {
    const known = readRecord(await context.state.get(record));
    await context.state.set(record, withLead(known, { conversation, id: null }), REHEARSED_MS);
  });
}

async function updateLeads(
  crm: Crm,
  decision: Extract<Decision, { action: 'update-leads' }>,
  context: StepContext,
): Promise<void> {
  let refused: unknown;
  for (const { id, conversation, facts } of decision.updates) {
    try {
      await context.step(`update-lead:${conversation}`, ({ key, signal }) =>
        crm.updateLead(id, facts, { idempotencyKey: key, signal }),
      );
    } catch (error) {
      // One lead that was deleted in the CRM must not keep the change from the others.
      if (!(error instanceof CallFailure && error.code === 'CRM_NOT_FOUND')) throw error;
      refused ??= error;
    }
  }
  if (refused !== undefined) throw refused;
  const { contactUpdatedAt } = decision;
  if (contactUpdatedAt === null) return;
  await context.step('remember-contact', async () => {
    const record = readRecord(await context.state.get(decision.record));
    await context.state.set(decision.record, { ...record, contactUpdatedAt }, REMEMBERED_MS);
  });
}
