import { everybodyIn, namesIn, type Who, whoIs } from './actors.ts';
import { isFresh } from './fresh.ts';
import type { Hand, Sight } from './hand.ts';
import type { Activity, History } from './history.ts';

/** Whether a person gave the conversation to the team that it has; null when not, or when nothing tells. */
export function teamHand(sight: Sight, { activities }: History): Hand | null {
  const { conversation, known } = sight;
  const { team } = conversation;
  if (team === null) return null;
  const isOurs = known.ours?.teams.includes(team.id);
  if (team.name !== null) {
    for (const activity of activities) {
      const who = whoSet(team.name, activity, sight);
      if (who === null) continue;
      const isPersons = who === 'person' || who === 'unknown' || (who === 'owner' && isOurs === false);
      return activity.counts && isPersons ? { kind: 'person', how: 'assigned', why: 'team-by-person' } : null;
    }
  }
  const isUntold = known.teamed === team.id && isOurs !== true && isFresh(sight);
  return isUntold ? { kind: 'unsure', why: 'not-written-yet' } : null;
}

/** Who gave it to the team, by one activity; null when that is about something else. */
function whoSet(team: string, { readings, text }: Activity, sight: Sight): Who | null {
  const wanted = team.toLowerCase();
  const isTeam = (name: string | null) => name?.toLowerCase() === wanted;
  const setting = readings.find(
    ({ does, assignee, team: via }) =>
      (does === 'assigned' && isTeam(assignee)) || (does === 'assigned-via' && isTeam(via)),
  );
  if (setting?.actor != null) return whoIs(setting.actor, sight.people);
  return readings.length > 0 ? null : whoByNames(team, text, sight);
}

/**
 * In a language that is not known: who is named beside the team. Of two, one is whom Chatwoot picked from the team,
 * so that who is no person set it; where only the assignee is named, the assignment tells.
 */
function whoByNames(team: string, text: string, { people, conversation, known }: Sight): Who | null {
  const names = namesIn(text, [...everybodyIn(people), team]);
  const isOurs = known.ours?.teams.includes(conversation.team?.id ?? 0) === true;
  if (!names.has(team) || isOurs) return null;
  const assignee = conversation.assignee?.name;
  const others = [...names.keys()].filter((name) => name !== team && name !== assignee);
  const whos = others.map((name) => whoIs(name, people));
  const isPick = assignee != null && names.get(assignee) === 1;
  if (whos.length === 0) return isPick ? null : 'unknown';
  return whos.find((who) => who !== 'person' && who !== 'unknown') ?? 'person';
}
