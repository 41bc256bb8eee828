import { everybodyIn, mostPersonal, namesIn, type Who, whoIs } from './actors.ts';
import { isFresh } from './fresh.ts';
import type { Hand, Sight } from './hand.ts';
import type { Activity, History } from './history.ts';
import type { Reading } from './reading.ts';

/** Nothing in what was read tells, and there are older messages. */
export type Told = Hand | 'read-more' | null;

/** Whose hand has assigned the conversation to the user who has it; null when no user has it. */
export function assignmentHand(sight: Sight, history: History): Told {
  const { assignee } = sight.conversation;
  if (assignee?.kind !== 'user') return null;
  const { id, name } = assignee;
  if (id === null || name === null) return { kind: 'person', how: 'assigned', why: 'assigned-unexplained' };
  const them: Assignee = { id, name };
  for (const activity of history.activities) {
    const about = aboutAssignment(activity, them, sight);
    if (about === 'somebody-else') {
      return activity.counts ? unexplained(sight) : withoutActivity(them, sight, history);
    }
    if (about === null) continue;
    const isOurs = about.who === 'bot' || about.who === 'owner';
    const opens = isOurs && !about.withTeam && isOfOpening(activity, about.who, sight, history);
    if (opens && activity.counts) return { kind: 'none', why: 'picked-at-opening' };
    return activity.counts ? byWhom(about, them, sight) : { kind: 'none', why: 'given-back' };
  }
  return withoutActivity(them, sight, history);
}

interface Assignee {
  readonly id: number;
  readonly name: string;
}

interface By {
  readonly who: Who | 'self';
  readonly withTeam: boolean;
}

/** What an activity says of the assignee; null when it is about something else. */
function aboutAssignment({ readings }: Activity, them: Assignee, sight: Sight): By | 'somebody-else' | null {
  const { people } = sight;
  const theirs = readings.filter(
    ({ does, assignee }) => (does === 'assigned' || does === 'assigned-via') && assignee === them.name,
  );
  if (readings.some(({ does, actor }) => does === 'self-assigned' && actor === them.name)) {
    return { who: 'self', withTeam: false };
  }
  const by = mostTelling(theirs, sight);
  if (by !== null) return by;
  const isAgent = (name: string | null) => people.agents.some((agent) => agent.name === name);
  const others = readings.some(
    ({ does, assignee, actor }) =>
      does === 'unassigned' ||
      (does === 'self-assigned' && isAgent(actor)) ||
      ((does === 'assigned' || does === 'assigned-via') && isAgent(assignee)),
  );
  return others ? 'somebody-else' : null;
}

/**
 * A bot, or we without one, opened it in the same moment: an inbox that assigns then picks somebody in that very save
 * (4.10), and what is written down of it, before or after the status, names who opened it.
 */
function isOfOpening(
  activity: Activity,
  who: Who | 'self',
  { people }: Sight,
  { activities }: History,
): boolean {
  const index = activities.indexOf(activity);
  return [activities[index - 1], activities[index + 1]].some((next) => {
    if (next === undefined || next.at === null || activity.at === null) return false;
    const byThem = next.readings.some(
      ({ does, actor }) => does === 'open' && whoIs(actor ?? '', people) === who,
    );
    return byThem && Math.abs(next.at - activity.at) <= 1_000;
  });
}

/** Of several ways to read it: the one that names a person, else one whose actor is known. */
function mostTelling(readings: readonly Reading[], { people }: Sight): By | null {
  const bys = readings.map(({ actor, does }) => ({
    who: whoIs(actor ?? '', people),
    withTeam: does === 'assigned-via',
  }));
  return (
    bys.find(({ who }) => who === 'person') ?? bys.find(({ who }) => who !== 'unknown') ?? bys[0] ?? null
  );
}

function byWhom({ who, withTeam }: By, them: Assignee, { conversation, people, known }: Sight): Hand {
  const person = (why: 'self-assigned' | 'assigned-by-person' | 'team-by-person'): Hand => ({
    kind: 'person',
    how: 'assigned',
    why,
  });
  const { ours } = known;
  switch (who) {
    case 'self':
      return them.id === people.owner?.id && ours?.agents.includes(them.id) === true
        ? { kind: 'none', why: 'ours' }
        : person('self-assigned');
    case 'person':
    case 'unknown':
      return person(withTeam ? 'team-by-person' : 'assigned-by-person');
    case 'owner': {
      if (!withTeam) {
        const isOurs = ours === undefined || ours.agents.includes(them.id);
        return isOurs ? { kind: 'none', why: 'ours' } : person('assigned-by-person');
      }
      const team = conversation.team?.id;
      const isOurs = ours === undefined || (team !== undefined && ours.teams.includes(team));
      return isOurs ? { kind: 'none', why: 'picked-from-team' } : person('team-by-person');
    }
    case 'bot':
      return { kind: 'none', why: 'bot' };
    case 'automation':
      return { kind: 'none', why: 'automation' };
    case 'policy':
      return { kind: 'none', why: 'picked-by-policy' };
  }
}

/** No activity that can be read tells of it: ids, then names in a language that is not known. */
function withoutActivity(them: Assignee, sight: Sight, history: History): Told {
  const { known, conversation, reach } = sight;
  const { ours, assigned, createdWith } = known;
  const changed = assigned?.to === them.id;
  const team = conversation.team?.id;
  if (!changed && ours?.agents.includes(them.id)) return { kind: 'none', why: 'ours' };
  const named = byNames(them, sight, history);
  if (named !== null) {
    const isPick = changed && assigned.withTeam && named.who === 'self';
    return isPick ? { kind: 'none', why: 'picked-from-team' } : byWhom(named, them, sight);
  }
  // In a long conversation it may have been written down many messages ago.
  if (reach === 'part' && !history.olderIsPast) return 'read-more';
  // Ids alone don't tell Chatwoot's pick from a person who was as quick; her activity will, if it was not there soon
  // after: a customer who goes on writing must not have to wait for an answer.
  const heardOf = changed ? assigned.heardAt : createdWith === them.id ? known.createdHeardAt : null;
  if (isFresh(sight, heardOf)) return { kind: 'unsure', why: 'not-written-yet' };
  if (team !== undefined && ours?.teams.includes(team)) return { kind: 'none', why: 'picked-from-team' };
  if (!changed && createdWith === them.id) return { kind: 'none', why: 'picked-at-creation' };
  if (changed && assigned.withTeam) return { kind: 'none', why: 'picked-from-team' };
  // A person's is written down. What Chatwoot does when it opens by itself is not.
  if (changed && assigned.withOpening === true) return { kind: 'none', why: 'picked-at-opening' };
  if (isOpenedByChatwoot(history)) return { kind: 'none', why: 'picked-at-opening' };
  if (changed) return unexplained(sight, heardOf);
  if (history.olderIsPast) return { kind: 'none', why: 'given-back' };
  if (reach === 'given-up') return { kind: 'person', how: 'assigned', why: 'too-long-to-tell' };
  const wasUnassigned = createdWith === null;
  return wasUnassigned ? unexplained(sight) : { kind: 'none', why: 'picked-at-creation' };
}

/**
 * Chatwoot opened it by itself, because the bot's endpoint failed: an inbox that assigns picks somebody in that very
 * save (4.10), and nothing is written down of that. What a person assigns always is.
 */
function isOpenedByChatwoot({ activities }: History): boolean {
  return activities.some(
    ({ counts, readings }) => counts && readings.some(({ does }) => does === 'opened-by-system'),
  );
}

/** The newest activity in an unknown language that names them, and who else it names. */
function byNames(them: Assignee, { people, conversation }: Sight, { activities }: History): By | null {
  const team = conversation.team?.name ?? '';
  for (const { text, readings, counts } of activities) {
    if (readings.length > 0 || !counts) continue;
    const names = namesIn(text, [...everybodyIn(people), them.name, team]);
    const times = names.get(them.name) ?? 0;
    if (times === 0) continue;
    const withTeam = names.has(team);
    if (times > 1) return { who: 'person', withTeam };
    return { who: mostPersonal(names.keys(), people, [them.name, team]) ?? 'self', withTeam };
  }
  return null;
}

function unexplained(sight: Sight, heardOf?: number | null): Hand {
  if (isFresh(sight, heardOf)) return { kind: 'unsure', why: 'not-written-yet' };
  return { kind: 'person', how: 'assigned', why: 'assigned-unexplained' };
}
