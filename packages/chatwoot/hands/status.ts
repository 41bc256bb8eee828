import { whoIs } from './actors.ts';
import type { Hand, Sight } from './hand.ts';
import type { Activity, History } from './history.ts';

const WHY = { open: 'opened', snoozed: 'snoozed', resolved: 'resolved' } as const;

/** Whose hand gave the conversation the status it has; null when no activity tells of it. */
export function statusHand({ conversation, people }: Sight, { activities }: History): Hand | null {
  const { status } = conversation;
  if (status !== 'open' && status !== 'snoozed' && status !== 'resolved') return null;
  const newest = activities.find(isAboutStatus);
  if (newest === undefined) return null;
  if (newest.readings.some(({ does }) => does === 'opened-by-system')) {
    return status === 'open' ? { kind: 'none', why: 'opened-by-chatwoot' } : null;
  }
  if (newest.readings.some(({ does }) => does === 'resolved-by-system')) return null;
  const whos = newest.readings.flatMap(({ does, actor }) =>
    does === status && actor !== null ? [whoIs(actor, people)] : [],
  );
  if (whos.length === 0) return null;
  if (whos.includes('person')) return { kind: 'person', how: 'status', why: WHY[status] };
  if (whos.includes('owner')) return { kind: 'none', why: 'ours' };
  if (whos.includes('bot')) return { kind: 'none', why: 'bot' };
  if (whos.includes('automation') || whos.includes('policy')) return { kind: 'none', why: 'automation' };
  return { kind: 'person', how: 'status', why: WHY[status] };
}

const STATUS: readonly string[] = [
  'open',
  'pending',
  'snoozed',
  'resolved',
  'opened-by-system',
  'resolved-by-system',
];

function isAboutStatus({ readings, status }: Activity): boolean {
  return status !== null || readings.some(({ does }) => STATUS.includes(does));
}
