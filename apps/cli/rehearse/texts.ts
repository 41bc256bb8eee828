import type { BotRule } from '@switchyard/config';

/** A rule with a text that it should answer. */
export interface Cue {
  /** As logs and stories call the rule. */
  readonly label: string;
  readonly rule: BotRule;
  /** null where no text can be derived, with the reason. */
  readonly text: string | null;
  readonly why: string | null;
}

/** For each rule one text out of its own condition. Whether an earlier rule takes it, the line itself shows. */
export function cuesOf(rules: readonly BotRule[]): Cue[] {
  return rules.map((rule, index) => {
    const label = rule.name ?? `rules[${index}]`;
    return { label, rule, ...textFor(rule.when) };
  });
}

function textFor(when: BotRule['when']): Pick<Cue, 'text' | 'why'> {
  if (typeof when === 'function') return { text: null, why: 'its condition is a function' };
  const { contains, any, all, exact, matches } = when;
  const parts = [...one(contains), ...(any?.slice(0, 1) ?? []), ...(all ?? [])];
  if (matches !== undefined) return { text: null, why: 'its condition is a pattern' };
  if (exact !== undefined) {
    return parts.length === 0
      ? { text: one(exact)[0] ?? null, why: null }
      : { text: null, why: 'it wants one exact text, and more' };
  }
  return { text: parts.join(' '), why: null };
}

/** The first of a list, or the only one. */
function one(value: string | readonly string[] | undefined): string[] {
  if (value === undefined) return [];
  return typeof value === 'string' ? [value] : value.slice(0, 1);
}
