import type { ConversationState } from '@switchyard/chatwoot';
import { jobFault } from './job-row.ts';
import { failed, passed, type Row } from './row.ts';
import type { Played } from './stage.ts';
import type { Watch } from './watch.ts';

// What crm-sync and routing make of a new conversation.

/** The lead: made and not sent, unless the CRM is played along. */
export async function lead(watch: Watch, played: Played, withCrm: boolean): Promise<Row> {
  const seen = await watch.job('crm-sync', 'conversation_created', played);
  const fault = jobFault('lead', 'crm-sync', seen);
  if (fault !== null) return fault;
  const steps = new Map(seen.found?.steps.map(({ name, result }) => [name, result]));
  const ms = Date.now() - played.at;
  if (!withCrm && steps.has('rehearse-lead')) {
    return passed('lead', `made and not sent, with ${fieldsIn(steps.get('rehearse-lead'))}`, ms);
  }
  if (withCrm && steps.has('create-lead')) return passed('lead', 'sent to the CRM, where it stays', ms);
  const { action = 'nothing', reason = 'nobody knows why' } = seen.found?.decision ?? {};
  if (steps.has('create-lead')) {
    return failed(
      'lead',
      'it was sent to the CRM, although this is a rehearsal',
      'Are all crm-sync processes of this version?',
    );
  }
  return failed(
    'lead',
    `none was made: ${action}, because ${reason}`,
    `switchyard trace ${seen.found?.delivery ?? ''}`,
  );
}

function fieldsIn(result: unknown): string {
  const fields: unknown =
    typeof result === 'object' && result !== null ? Reflect.get(result, 'fields') : null;
  const names = Array.isArray(fields) ? fields.map(String) : [];
  return names.length === 0 ? 'no field that has a value' : names.join(', ');
}

/** Team, agent and priority as the rule says, seen in Chatwoot itself. */
export async function routed(watch: Watch, played: Played): Promise<Row> {
  const seen = await watch.job('routing', 'conversation_created', played);
  const fault = jobFault('routing', 'routing', seen);
  if (fault !== null) return fault;
  const { action = '', reason = '', about = {} } = seen.found?.decision ?? {};
  if (action !== 'assign') {
    const detail = `nothing was assigned: ${reason}`;
    return reason === 'no-rule'
      ? passed('routing', `${detail}; no rule fits this customer`)
      : failed('routing', detail);
  }
  const wanted = { team: about.team ?? null, priority: about.priority ?? null };
  const { found, last } = await watch.conversation(played, (now) => isRouted(now, wanted));
  const says = `${reason}: ${describe(wanted)}`;
  if (found !== null) return passed('routing', says, Date.now() - played.at);
  return failed(
    'routing',
    `${says}; but Chatwoot shows ${describe({ team: last?.team?.name ?? null, priority: last?.priority ?? null })}`,
    'Something else assigns too: look for automation rules in Chatwoot.',
  );
}

interface Wanted {
  readonly team: unknown;
  readonly priority: unknown;
}

function isRouted({ team, priority }: ConversationState, wanted: Wanted): boolean {
  const hasTeam =
    wanted.team === null ||
    (typeof wanted.team === 'number' ? team?.id === wanted.team : sameName(team?.name, wanted.team));
  return hasTeam && (wanted.priority === null || priority === wanted.priority);
}

/** Chatwoot keeps names of teams in lower case (contract §2.2). */
export function sameName(name: string | null | undefined, wanted: unknown): boolean {
  return name?.trim().toLowerCase() === String(wanted).trim().toLowerCase();
}

function describe({ team, priority }: Wanted): string {
  const parts = [
    ...(team === null ? [] : [`team ${String(team)}`]),
    ...(priority === null ? [] : [`priority ${String(priority)}`]),
  ];
  return parts.length === 0 ? 'nothing' : parts.join(', ');
}
