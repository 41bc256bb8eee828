import type { Assignment, RoutingConfig } from '@switchyard/config';
import type { Reference } from '@switchyard/jobs';

/** Every team and agent that the routing section names, for the check at start. */
export function routingReferences({ rules, otherwise }: RoutingConfig): Reference[] {
  return [
    ...rules.flatMap((rule, index) => namedIn(rule.assign, `routing.rules[${index}].assign`)),
    ...(otherwise === undefined ? [] : namedIn(otherwise.assign, 'routing.otherwise.assign')),
  ];
}

function namedIn({ team, agent }: Assignment, setting: string): Reference[] {
  return [
    ...(team === undefined ? [] : [{ kind: 'team' as const, setting: `${setting}.team`, value: team }]),
    ...(agent === undefined ? [] : [{ kind: 'agent' as const, setting: `${setting}.agent`, value: agent }]),
  ];
}
