import { CallFailure, neutraliseLiquid } from '@switchyard/chatwoot';
import type { BotConfig, BotOffer, BotRule, ReplyFacts, UnansweredConfig } from '@switchyard/config';
import { type Condition, compileCondition, ruleFailed } from './condition.ts';
import { normalise, withoutPunctuation } from './text.ts';

/** A rule of the config, made ready to match. */
export interface Rule {
  /** The rule's name, or `rules[<index>]`: bounded, for logs, metrics and the memory of a conversation. */
  readonly label: string;
  /** `bot.rules[2]` */
  readonly setting: string;
  readonly matches: Condition;
  readonly reply: BotRule['reply'];
  readonly offer: Offer | null;
  readonly handoff: Handoff | null;
}

export interface Offer {
  /** Normalised, without punctuation around. */
  readonly yes: ReadonlySet<string>;
  readonly no: ReadonlySet<string>;
  readonly handoff: Handoff;
  readonly declined: string | null;
}

export interface Handoff {
  readonly setting: string;
  readonly team: string | number | null;
  readonly reply: string | null;
}

export interface RuleBook {
  readonly match: BotConfig['match'];
  readonly rules: readonly Rule[];
  readonly offerMs: number;
  /** A message older than this is not answered any more. */
  readonly answerWithinMs: number;
  readonly unanswered: UnansweredConfig;
  readonly undeliveredNote: string;
}

/** @throws {ConfigError} naming the rule that can't be used. */
export function compileRules(config: BotConfig): RuleBook {
  const { match, rules, offerHours, answerWithinMinutes, unanswered, undeliveredNote } = config;
  return {
    match,
    rules: rules.map(compileRule),
    offerMs: offerHours * 3_600_000,
    answerWithinMs: answerWithinMinutes * 60_000,
    unanswered,
    undeliveredNote,
  };
}

/**
 * The rule that answers a text. `first`: the first that matches. `best`: the one that matched the most characters
 * of the normalised text (see compileCondition), of equals the first.
 */
export function chooseRule({ match, rules }: RuleBook, facts: ReplyFacts): Rule | null {
  const text = normalise(facts.text);
  let best: { readonly rule: Rule; readonly matched: number } | null = null;
  for (const rule of rules) {
    const matched = rule.matches(text, facts);
    if (matched === null) continue;
    if (match === 'first') return rule;
    if (best === null || matched > best.matched) best = { rule, matched };
  }
  return best?.rule ?? null;
}

/** What a message says to an offer; null when it is no answer to it. In both lists, it is a yes. */
export function answerTo(offer: Offer, text: string): 'yes' | 'no' | null {
  const said = withoutPunctuation(normalise(text));
  if (offer.yes.has(said)) return 'yes';
  return offer.no.has(said) ? 'no' : null;
}

/**
 * The text of a rule's reply; null when it has none. What a function made may hold the customer's words, so
 * Liquid in it is neutralised; Liquid in the config's own text is the operator's to use.
 *
 * @throws {CallFailure} `permanent`, BOT_RULE_FAILED, when a reply function throws or gives no text.
 */
export function replyText({ reply, setting }: Rule, facts: ReplyFacts): string | null {
  if (reply === undefined || typeof reply === 'string') return reply ?? null;
  const text = callReply(reply, facts, `${setting}.reply`);
  if (typeof text === 'string' && text.trim() !== '') return neutraliseLiquid(text);
  throw new CallFailure('permanent', `${setting}.reply: the function returned no text`, {
    code: 'BOT_RULE_FAILED',
    target: 'bot-replies',
  });
}

function callReply(reply: (facts: ReplyFacts) => unknown, facts: ReplyFacts, setting: string): unknown {
  try {
    return reply(facts);
  } catch (error) {
    throw ruleFailed(setting, error);
  }
}

function compileRule(rule: BotRule, index: number): Rule {
  const setting = `bot.rules[${index}]`;
  return {
    label: rule.name ?? `rules[${index}]`,
    setting,
    matches: compileCondition(rule.when, `${setting}.when`),
    reply: rule.reply,
    offer: rule.offer === undefined ? null : compileOffer(rule.offer, `${setting}.offer`),
    handoff: rule.handoff === undefined ? null : compileHandoff(rule.handoff, `${setting}.handoff`),
  };
}

function compileOffer({ yes, no, handoff, declined }: BotOffer, setting: string): Offer {
  const words = (list: readonly string[]) => new Set(list.map((word) => withoutPunctuation(normalise(word))));
  return {
    yes: words(yes),
    no: words(no),
    handoff: compileHandoff(handoff, `${setting}.handoff`),
    declined: declined ?? null,
  };
}

function compileHandoff({ team, reply }: BotOffer['handoff'], setting: string): Handoff {
  return { setting, team: team ?? null, reply: reply ?? null };
}
