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
  const setting = newest.readings.find(({ does }) => does === status);
  if (setting?.actor == null) return null;
  const person: Hand = { kind: 'person', how: 'status', why: WHY[status] };
  switch (whoIs(setting.actor, people)) {
    case 'person':
    case 'unknown':
      return person;
    case 'owner':
      return { kind: 'none', why: 'ours' };
    case 'bot':
      return { kind: 'none', why: 'bot' };
    case 'automation':
    case 'policy':
      return { kind: 'none', why: 'automation' };
  }
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
