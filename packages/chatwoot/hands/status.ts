import { everybodyIn, mostPersonal, namesIn, type Who, whoIs } from './actors.ts';
import type { Hand, Sight } from './hand.ts';
import type { Activity, History } from './history.ts';
import type { Does } from './phrases.ts';

const WHY = { open: 'opened', snoozed: 'snoozed', resolved: 'resolved' } as const;

/** Whose hand gave the conversation the status it has; null when no activity tells of it. */
export function statusHand(sight: Sight, { activities }: History): Hand | null {
  const { status } = sight.conversation;
  if (status !== 'open' && status !== 'snoozed' && status !== 'resolved') return null;
  const told = activities.filter(isAboutStatus);
  const [newest] = told;
  if (newest === undefined) return null;
  if (status === 'open' && wasSnoozedByPerson(told, sight)) {
    return { kind: 'person', how: 'status', why: 'snoozed' };
  }
  if (newest.readings.some(({ does }) => does === 'opened-by-system')) {
    return status === 'open' ? { kind: 'none', why: 'opened-by-chatwoot' } : null;
  }
  if (newest.readings.some(({ does }) => does === 'resolved-by-system')) return null;
  switch (whoSet(newest, status, sight)) {
    case null:
      return null;
    case 'owner':
      return { kind: 'none', why: 'ours' };
    case 'bot':
      return { kind: 'none', why: 'bot' };
    case 'automation':
    case 'policy':
      return { kind: 'none', why: 'automation' };
    case 'person':
    case 'unknown':
      return { kind: 'person', how: 'status', why: WHY[status] };
  }
}

/**
 * A snooze ends by itself: the customer writes, or its time is over, and not every Chatwoot writes that down. It
 * gives nothing back; who snoozed it has it.
 */
function wasSnoozedByPerson(told: readonly Activity[], sight: Sight): boolean {
  const before = told.find(({ readings }) => !readings.some(({ does }) => does === 'opened-by-system'));
  if (before === undefined || !before.counts) return false;
  const who = whoSet(before, 'snoozed', sight);
  return who === 'person' || who === 'unknown';
}

/** Who set it to that status, by one activity; null when that tells of no such thing, or of nobody. */
function whoSet({ readings, status, text }: Activity, wanted: Does, { people }: Sight): Who | null {
  const whos = readings.flatMap(({ does, actor }) =>
    does === wanted && actor !== null ? [whoIs(actor, people)] : [],
  );
  // Of several ways to read it: the one that names a person, else one whose actor is known.
  if (whos.length > 0) return ORDER.find((who) => whos.includes(who)) ?? null;
  // A language that is not known. Chatwoot's own openings name nobody.
  if (readings.length > 0 || status !== wanted) return null;
  return mostPersonal(namesIn(text, everybodyIn(people)).keys(), people);
}

const ORDER: readonly Who[] = ['person', 'owner', 'bot', 'automation', 'policy', 'unknown'];

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
