import { isDeepStrictEqual } from 'node:util';
import { SALES, teamOf } from '../conversation.ts';
import { ANSWERS, type Scene } from './scenes.ts';
import type { Seen } from './seen.ts';

/** A conversation as it was played. Instants are epoch milliseconds. */
export interface Played {
  readonly scene: Scene;
  readonly conversation: number;
  /** When a person took it. */
  readonly takenAt: readonly number[];
  /** When the customer wrote. */
  readonly wroteAt: readonly number[];
  /** Whose it has to be in the end; null where nobody was assigned by a person. */
  readonly taker: number | null;
}

interface Counts {
  readonly answeredOnce: number;
  readonly led: number;
  readonly routed: number;
  readonly handedOver: number;
  readonly toHandOver: number;
  readonly talkedOver: number;
}

export interface Verdict {
  readonly counts: Counts;
  /** Everything that is not as it should be, of all conversations; empty is right. */
  readonly findings: readonly string[];
}

/**
 * What a message that was under way needs to arrive. It excuses an answer to what the customer wrote before a person
 * took the conversation, never one to what came after.
 */
const ROUND_TRIP_MS = 1_000;

/** Holds what came of the conversations of a cell against what their scenes ask for. */
export function judge(played: readonly Played[], seenOf: (conversation: number) => Seen): Verdict {
  const all = played.map((each) => judgeOne(each, seenOf(each.conversation)));
  const questions = all.filter(({ scene }) => scene.kind === 'question');
  const handOvers = all.filter(({ scene }) => scene.handedOver);
  return {
    counts: {
      answeredOnce: questions.filter((each) => each.answers === null).length,
      led: questions.filter((each) => each.lead === null).length,
      routed: questions.filter((each) => each.routing === null).length,
      handedOver: handOvers.filter((each) => each.handOver === null).length,
      toHandOver: handOvers.length,
      talkedOver: all.reduce((sum, each) => sum + each.talkedOver, 0),
    },
    findings: all.flatMap(findingsOf),
  };
}

/** What is wrong with each; null when nothing is. */
interface Judged {
  readonly scene: Scene;
  readonly conversation: number;
  readonly answers: string | null;
  readonly lead: string | null;
  readonly routing: string | null;
  readonly handOver: string | null;
  readonly hold: string | null;
  readonly others: string | null;
  readonly talkedOver: number;
}

function judgeOne(played: Played, seen: Seen): Judged {
  const { scene, conversation } = played;
  const expected = scene.answers.map((answer) => ANSWERS[answer]);
  const got = seen.answers.map(({ text }) => text);
  return {
    scene,
    conversation,
    answers: isDeepStrictEqual(got, expected) ? null : `answered ${list(got)} and not ${list(expected)}`,
    lead: seen.leads === 1 ? null : `${seen.leads} leads`,
    routing: judgeRouting(scene, seen),
    handOver: judgeHandOver(scene, seen),
    hold: judgeHold(played, seen),
    others: seen.others.length === 0 ? null : list(seen.others),
    talkedOver: seen.answers.filter(({ at }) => isOver(played, at)).length,
  };
}

function isOver({ takenAt, wroteAt }: Played, at: number): boolean {
  return takenAt.some((taken) => {
    const answersLater = wroteAt.some((wrote) => wrote >= taken && wrote <= at);
    return at > taken && (answersLater || at > taken + ROUND_TRIP_MS);
  });
}

/** The team of its tier once, and Sales after it where the offer is taken. */
function judgeRouting({ routed, tier, answers }: Scene, { teams, priorities, team }: Seen): string | null {
  const wanted = [...(routed ? [teamOf[tier]] : []), ...(answers.includes('sales') ? [SALES] : [])];
  const got = teams.map((each) => each.team);
  if (!isDeepStrictEqual(got, wanted)) return `teams ${list(got)} and not ${list(wanted)}`;
  if (team !== (wanted.at(-1) ?? null)) return `is with ${team} in the end`;
  const high = routed && tier === 'enterprise' ? ['high'] : [];
  return isDeepStrictEqual(priorities, high) ? null : `priorities ${list(priorities)} and not ${list(high)}`;
}

/** Opened by us once where it was pending; not at all where people see it anyway. */
function judgeHandOver({ kind, handedOver }: Scene, { status, opened }: Seen): string | null {
  if (handedOver && status !== 'open') return `is ${status}, so nobody has got it`;
  if (opened.length > 1) return `opened ${opened.length} times`;
  const mayOpen = handedOver || kind === 'taken';
  return mayOpen || opened.length === 0 ? null : 'opened, and nothing asked for it';
}

/** What a person has taken stays theirs, and they see it. */
function judgeHold({ scene, takenAt, taker }: Played, seen: Seen): string | null {
  if (scene.kind !== 'taken') return null;
  if (seen.status !== 'open') return `is ${seen.status}, where the person who took it does not see it`;
  if (taker !== null && seen.assignee !== taker)
    return `is with ${seen.assignee} and not ${taker}, who took it`;
  const late = seen.teams.filter(({ at }) => takenAt.some((taken) => at > taken + ROUND_TRIP_MS));
  return late.length === 0 ? null : `team ${late[0]?.team} set after it was taken`;
}

function findingsOf({ scene, conversation, talkedOver, ...judged }: Judged): readonly string[] {
  const { answers, lead, routing, handOver, hold, others } = judged;
  const over = talkedOver === 0 ? null : `talked over ${talkedOver} times`;
  return [answers, lead, routing, handOver, hold, others, over].flatMap((what) =>
    what === null ? [] : [`${conversation} (${scene.kind}: ${scene.name}): ${what}`],
  );
}

function list(items: readonly string[]): string {
  return items.length === 0 ? 'nothing' : items.map((item) => `"${item}"`).join(', ');
}
