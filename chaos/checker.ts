import { type Answered, answer, type BotState, beginning, SALES, teamOf } from './conversation.ts';
import type { ConversationHistory, Effect, History, Told } from './history.ts';

export type FindingKind =
  | 'lost'
  | 'duplicated'
  | 'out-of-order'
  /** Said to a customer whom a person had taken, or whom Chatwoot had taken from the bot. */
  | 'talked-over'
  | 'unexpected'
  | 'dead'
  | 'not-at-rest';

export interface Finding {
  readonly kind: FindingKind;
  readonly conversation: number | null;
  readonly what: string;
}

/**
 * Holds what was committed against what was acknowledged, under the rules of conversation.ts: everything that an
 * acknowledged delivery should cause is there once and in the order of the lane, nothing else is there, and
 * nothing is left to do. An empty list is a pass.
 */
export function check({ conversations, effects, remains }: History): readonly Finding[] {
  const known = new Set(conversations.map(({ conversation }) => conversation));
  const byConversation = Map.groupBy(effects, ({ conversation }) => conversation);
  const strays = effects.filter(({ kind, conversation }) => {
    return kind === 'other' || conversation === null || !known.has(conversation);
  });
  return [
    ...conversations.flatMap((history) =>
      checkConversation(history, byConversation.get(history.conversation) ?? []),
    ),
    ...strays.map((effect) => finding('unexpected', effect.conversation, describe(effect))),
    ...remains.dead.map(({ queue, delivery, reason }) =>
      finding('dead', null, `${queue} ${delivery}: ${reason}`),
    ),
    ...remains.busy.map((what) => finding('not-at-rest', null, what)),
  ];
}

/** How long after `overAt` the last effect of what was acknowledged by then was committed; milliseconds, from 0. */
export function recoveryMs({ conversations, effects }: History, overAt: number): number {
  const before = new Map(
    conversations.map(({ conversation, told }) => {
      const early = told.filter(({ at }) => at <= overAt);
      return [conversation, early] as const;
    }),
  );
  const late = effects.filter((effect) => {
    const told = before.get(effect.conversation ?? 0) ?? [];
    if ('delivery' in effect) return told.some((each) => idsOf(each).includes(effect.delivery));
    // A team that follows from a handoff has no delivery's name on it; its message has.
    return (effect.kind !== 'team' || effect.team !== SALES) && told.some(({ word }) => word === 'created');
  });
  return Math.max(0, ...late.map(({ at }) => at - overAt));
}

export function count(findings: readonly Finding[], kind: FindingKind): number {
  return findings.filter((each) => each.kind === kind).length;
}

function checkConversation(history: ConversationHistory, effects: readonly Effect[]): readonly Finding[] {
  const names = new Map(history.told.flatMap((told) => idsOf(told).map((id) => [id, told] as const)));
  const messages = effects.filter((effect) => effect.kind === 'message');
  const updates = effects.filter((effect) => effect.kind === 'lead-update');
  return [
    ...repeated(effects, (effect) => keyOf(effect, names)).map(([effect, times]) =>
      finding('duplicated', history.conversation, `${times} times: ${describe(effect)}`),
    ),
    ...checkAnswers(history, messages, effects),
    ...checkRouting(history, effects),
    ...checkLead(history, effects),
    ...checkOrder(history, 'replies', messages, names),
    ...checkOrder(history, 'lead updates', updates, names),
  ];
}

/** Follows all states the bot can be in: a delivery that was not acknowledged may have been taken or not. */
function checkAnswers(
  history: ConversationHistory,
  messages: readonly Message[],
  effects: readonly Effect[],
): readonly Finding[] {
  const { conversation, told, botsInbox } = history;
  const findings: Finding[] = [];
  let states: readonly BotState[] = [beginning];
  let byPeople = false;
  for (const [index, each] of told.entries()) {
    const seen = stepsTo(each, messages);
    const left = releaseOf(history, messages, index);
    const possible = states.flatMap((state) => {
      const taken = answer(state, each.word, botsInbox !== undefined);
      const untaken: Answered = { state, messages: [] };
      if (left === 'after') return [untaken];
      return each.acknowledged && left === 'before' ? [taken] : [taken, untaken];
    });
    const fitting = possible.filter((one) => sameSteps(one.messages, seen));
    byPeople ||= each.word === 'human' || each.word === 'take' || left === 'after';
    if (fitting.length === 0) {
      const expected = possible[0]?.messages ?? [];
      const name = `${each.word} ${each.delivery}`;
      const missing = expected.filter((step) => !seen.has(step));
      const more = [...seen].filter((step) => !expected.includes(step));
      findings.push(
        ...missing.map((step) => finding('lost', conversation, `${step} to ${name}`)),
        ...more.map((step) =>
          finding(byPeople ? 'talked-over' : 'unexpected', conversation, `${step} to ${name}`),
        ),
      );
    }
    states = distinct((fitting.length === 0 ? possible : fitting).map(({ state }) => state));
  }
  const ids = new Set(told.flatMap(idsOf));
  for (const message of messages) {
    if (!ids.has(message.delivery)) findings.push(finding('unexpected', conversation, describe(message)));
  }
  const opened = effects.some(({ kind }) => kind === 'opened');
  return [...findings, ...checkHandover(conversation, botsInbox, states, opened)];
}

type Message = Extract<Effect, { kind: 'message' }>;

function stepsTo(told: Told, messages: readonly Message[]): ReadonlySet<string> {
  const ids = new Set(idsOf(told));
  return new Set(messages.filter(({ delivery }) => ids.has(delivery)).map(({ step }) => step));
}

/** From here on nobody can be in the middle of taking what was said before. */
const ROUND_TRIP_MS = 1_000;

/**
 * Whether something was said before Chatwoot took the conversation from the bot: for sure, where the bot has answered
 * something later. `about` that time the bot may have been too late.
 */
function releaseOf(
  { told, botsInbox }: ConversationHistory,
  messages: readonly Message[],
  index: number,
): 'before' | 'about' | 'after' {
  const releasedAt = botsInbox?.releasedAt ?? null;
  if (releasedAt === null) return 'before';
  const at = told[index]?.at ?? 0;
  if (at > releasedAt + ROUND_TRIP_MS) return 'after';
  return told.slice(index + 1).some((later) => stepsTo(later, messages).size > 0) ? 'before' : 'about';
}

/** What the bot leaves to people is open, by our hand where nobody else's can have done it, and nothing else is. */
function checkHandover(
  conversation: number,
  botsInbox: ConversationHistory['botsInbox'],
  states: readonly BotState[],
  opened: boolean,
): readonly Finding[] {
  const released = (botsInbox?.releasedAt ?? null) !== null;
  const left = released || states.every((state) => state.opened !== 'no');
  if (left && botsInbox?.pending)
    return [finding('lost', conversation, 'the handover: people do not see it')];
  const ours = states.every((state) => state.opened === 'yes');
  if (ours && !opened) return [finding('lost', conversation, 'the handover')];
  const may = states.some((state) => state.opened !== 'no');
  return opened && !may ? [finding('unexpected', conversation, 'opened')] : [];
}

function checkRouting(
  { conversation, tier, told, routed = true }: ConversationHistory,
  effects: readonly Effect[],
): readonly Finding[] {
  const created = told.find(({ word }) => word === 'created');
  const teams = effects.flatMap((effect) => (effect.kind === 'team' ? [effect.team] : []));
  const priorities = effects.flatMap((effect) => (effect.kind === 'priority' ? [effect.priority] : []));
  const handedOff = effects.some((effect) => effect.kind === 'message' && effect.step === 'handoff-reply');
  const acknowledged = created?.acknowledged === true;
  return [
    ...expectEach(conversation, 'team', teams, [
      ...(routed ? [{ value: teamOf[tier], needed: acknowledged }] : []),
      ...(handedOff ? [{ value: SALES, needed: true }] : []),
    ]),
    ...expectEach(conversation, 'priority', priorities, [
      ...(routed && tier === 'enterprise' ? [{ value: 'high', needed: acknowledged }] : []),
    ]),
  ];
}

function expectEach(
  conversation: number,
  what: string,
  seen: readonly string[],
  expected: readonly { readonly value: string; readonly needed: boolean }[],
): readonly Finding[] {
  return [
    ...expected
      .filter(({ value, needed }) => needed && !seen.includes(value))
      .map(({ value }) => finding('lost', conversation, `${what} ${value}`)),
    ...seen
      .filter((value) => !expected.some((one) => one.value === value))
      .map((value) => finding('unexpected', conversation, `${what} ${value}`)),
  ];
}

function checkLead(
  { conversation, told }: ConversationHistory,
  effects: readonly Effect[],
): readonly Finding[] {
  const created = told.find(({ word }) => word === 'created');
  const leadAt = effects.findIndex(({ kind }) => kind === 'lead');
  const updated = new Set(
    effects.flatMap((effect) => (effect.kind === 'lead-update' ? [effect.delivery] : [])),
  );
  const findings: Finding[] = [];
  if (leadAt === -1 && created?.acknowledged) findings.push(finding('lost', conversation, 'the lead'));
  // Whether a lead that nobody promised existed at the time of a change can't be told.
  const changes = told.filter(({ word }) => word === 'contact');
  for (const change of created?.acknowledged ? changes : []) {
    if (change.acknowledged && !idsOf(change).some((id) => updated.has(id))) {
      findings.push(finding('lost', conversation, `lead update for contact ${change.delivery}`));
    }
  }
  const ids = new Set(changes.flatMap(idsOf));
  for (const [at, effect] of effects.entries()) {
    if (effect.kind !== 'lead-update') continue;
    if (!ids.has(effect.delivery)) findings.push(finding('unexpected', conversation, describe(effect)));
    if (at < leadAt)
      findings.push(finding('out-of-order', conversation, `${describe(effect)} before its lead`));
  }
  return findings;
}

/** The first effects of the deliveries must come in the order in which the deliveries were acknowledged. */
function checkOrder(
  { conversation, told }: ConversationHistory,
  what: string,
  effects: readonly Extract<Effect, { delivery: string }>[],
  names: ReadonlyMap<string, Told>,
): readonly Finding[] {
  const findings: Finding[] = [];
  const met = new Set<Told>();
  let furthest = -1;
  for (const effect of effects) {
    const cause = names.get(effect.delivery);
    if (cause === undefined || met.has(cause)) continue;
    met.add(cause);
    const place = told.indexOf(cause);
    if (place < furthest) {
      findings.push(
        finding('out-of-order', conversation, `${what}: ${describe(effect)} came after a later one`),
      );
    }
    furthest = Math.max(furthest, place);
  }
  return findings;
}

/** Equal for two effects of which there should be one. */
function keyOf(effect: Effect, names: ReadonlyMap<string, Told>): string | null {
  switch (effect.kind) {
    case 'message':
      return `message ${names.get(effect.delivery)?.delivery ?? effect.delivery} ${effect.step}`;
    case 'lead-update':
      return `lead-update ${names.get(effect.delivery)?.delivery ?? effect.delivery}`;
    case 'team':
      return `team ${effect.team}`;
    case 'priority':
      return `priority ${effect.priority}`;
    case 'lead':
    case 'opened':
      return effect.kind;
    case 'other':
      return null;
  }
}

function repeated(
  effects: readonly Effect[],
  key: (effect: Effect) => string | null,
): readonly (readonly [Effect, number])[] {
  return [...Map.groupBy(effects, key)].flatMap(([name, same]) => {
    const [first] = same;
    return name !== null && first !== undefined && same.length > 1 ? [[first, same.length] as const] : [];
  });
}

function idsOf({ delivery, twins }: Told): readonly string[] {
  return [delivery, ...twins];
}

function sameSteps(expected: readonly string[], seen: ReadonlySet<string>): boolean {
  return expected.length === seen.size && expected.every((step) => seen.has(step));
}

function distinct(states: readonly BotState[]): readonly BotState[] {
  return [
    ...new Map(states.map((state) => [`${state.offered} ${state.silent} ${state.opened}`, state])).values(),
  ];
}

function describe(effect: Effect): string {
  const { kind, conversation: _, at: __, ...rest } = effect;
  return [kind, ...Object.values(rest)].join(' ');
}

function finding(kind: FindingKind, conversation: number | null, what: string): Finding {
  return { kind, conversation, what };
}
