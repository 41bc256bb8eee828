import { whoIs } from './actors.ts';
import type { Hand, Sight } from './hand.ts';
import type { History } from './history.ts';

/** Whether a person gave the conversation to the team that it has; null when not, or when nothing tells. */
export function teamHand({ conversation, people, known }: Sight, { activities }: History): Hand | null {
  const { team } = conversation;
  if (team === null || team.name === null) return null;
  const wanted = team.name.toLowerCase();
  const isTeam = (name: string | null) => name?.toLowerCase() === wanted;
  for (const { readings, counts } of activities) {
    const setting = readings.find(
      ({ does, assignee, team: via }) =>
        (does === 'assigned' && isTeam(assignee)) || (does === 'assigned-via' && isTeam(via)),
    );
    if (setting?.actor == null) continue;
    const who = whoIs(setting.actor, people);
    const isOwners = who === 'owner' && known.ours !== undefined && !known.ours.teams.includes(team.id);
    const isPersons = who === 'person' || who === 'unknown' || isOwners;
    return counts && isPersons ? { kind: 'person', how: 'assigned', why: 'team-by-person' } : null;
  }
  return null;
}
