import type { Assignment, BotConfig, RoutingConfig } from '@switchyard/config';
import type { Reference } from './directory.ts';

/** Every team and agent that the routing section names. */
export function routingReferences({ rules, otherwise }: RoutingConfig): Reference[] {
  return [
    ...rules.flatMap((rule, index) => namedIn(rule.assign, `routing.rules[${index}].assign`)),
    ...(otherwise === undefined ? [] : namedIn(otherwise.assign, 'routing.otherwise.assign')),
  ];
}

/** Every team that the bot section names. */
export function botReferences({ rules, unanswered }: BotConfig): Reference[] {
  return [
    ...rules.flatMap(({ offer, handoff }, index) => [
      ...named('team', offer?.handoff.team, `bot.rules[${index}].offer.handoff.team`),
      ...named('team', handoff?.team, `bot.rules[${index}].handoff.team`),
    ]),
    ...named('team', unanswered.team, 'bot.unanswered.team'),
  ];
}

function namedIn({ team, agent }: Assignment, setting: string): Reference[] {
  return [...named('team', team, `${setting}.team`), ...named('agent', agent, `${setting}.agent`)];
}

function named(kind: Reference['kind'], value: string | number | undefined, setting: string): Reference[] {
  return value === undefined ? [] : [{ kind, setting, value }];
}
