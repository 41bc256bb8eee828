import { CallFailure } from '@switchyard/chatwoot';
import { type BotCondition, type BotRule, ConfigError, type ReplyFacts } from '@switchyard/config';
import { RE2JS } from 're2js';
import { normalise, normalisePattern, withoutPunctuation } from './text.ts';
import { containsPhrase } from './words.ts';

/**
 * A rule's condition, made ready. Gives how much of the text it matched, in characters of the normalised text,
 * or null when it does not match.
 */
export type Condition = (text: string, facts: ReplyFacts) => number | null;

/** One of `contains`, `any`, `all`, `exact`, `matches`: the same without facts. */
type Test = (text: string) => number | null;

/**
 * Makes a condition ready; of several kinds in one condition, all must match, and what they matched adds up.
 *
 * How much is matched: of `contains` and `any` the longest phrase that is there, of `all` the phrases together,
 * of `exact` the whole text, of `matches` the leftmost match. A function says only yes or no: it counts as 0.
 *
 * @throws {ConfigError} a pattern that is no RE2 expression, or a phrase of nothing but blanks, naming `setting`.
 */
export function compileCondition(when: BotRule['when'], setting: string): Condition {
  if (typeof when === 'function') return callFunction(when, setting);
  const tests = testsOf(when, setting);
  return (text) => {
    let matched = 0;
    for (const test of tests) {
      const part = test(text);
      if (part === null) return null;
      matched += part;
    }
    return matched;
  };
}

function testsOf(when: BotCondition, setting: string): Test[] {
  const { contains, any, all, exact, matches, wholeWords } = when;
  const phrases = (key: string, value: string | readonly string[]) =>
    normalisePhrases(value, `${setting}.${key}`);
  return [
    ...(contains === undefined ? [] : [anyOf(phrases('contains', contains), wholeWords)]),
    ...(any === undefined ? [] : [anyOf(phrases('any', any), wholeWords)]),
    ...(all === undefined ? [] : [allOf(phrases('all', all), wholeWords)]),
    ...(exact === undefined ? [] : [exactly(phrases('exact', exact))]),
    ...(matches === undefined ? [] : [pattern(matches, `${setting}.matches`)]),
  ];
}

function normalisePhrases(value: string | readonly string[], setting: string): string[] {
  const phrases = (typeof value === 'string' ? [value] : value).map(normalise);
  if (!phrases.includes('')) return phrases;
  throw new ConfigError([`${setting}: a phrase of nothing but blanks would match everything`]);
}

function anyOf(phrases: readonly string[], wholeWords: boolean): Test {
  return (text) => {
    const found = phrases.filter((phrase) => containsPhrase(text, phrase, wholeWords));
    return found.length === 0 ? null : Math.max(...found.map(length));
  };
}

function allOf(phrases: readonly string[], wholeWords: boolean): Test {
  const total = phrases.reduce((sum, phrase) => sum + length(phrase), 0);
  return (text) => (phrases.every((phrase) => containsPhrase(text, phrase, wholeWords)) ? total : null);
}

function exactly(phrases: readonly string[]): Test {
  const wanted = new Set(phrases.map(bare));
  return (text) => (wanted.has(bare(text)) ? length(text) : null);
}

/** Of a phrase that is all punctuation, such as `?`, the punctuation is what counts. */
function bare(normalised: string): string {
  const words = withoutPunctuation(normalised);
  return words === '' ? normalised : words;
}

/** RE2 matches in linear time, so no text a customer writes can stall the worker. */
function pattern(source: string, setting: string): Test {
  const compiled = compilePattern(source, setting);
  return (text) => {
    const matcher = compiled.matcher(text);
    return matcher.find() ? length(text.slice(matcher.start(), matcher.end())) : null;
  };
}

function compilePattern(source: string, setting: string): RE2JS {
  try {
    return RE2JS.compile(normalisePattern(source), RE2JS.CASE_INSENSITIVE);
  } catch (error) {
    throw new ConfigError([`${setting}: ${error instanceof Error ? error.message : 'is no RE2 expression'}`]);
  }
}

function callFunction(when: (facts: ReplyFacts) => boolean, setting: string): Condition {
  return (_text, facts) => {
    try {
      return when(facts) === true ? 0 : null;
    } catch (error) {
      throw ruleFailed(setting, error);
    }
  };
}

/** A user's function threw. The error itself may quote the customer, so only its name goes along. */
export function ruleFailed(setting: string, error: unknown): CallFailure {
  const what = error instanceof Error ? error.name : 'something that is no Error';
  return new CallFailure('permanent', `${setting}: the function threw ${what}`, {
    code: 'BOT_RULE_FAILED',
    target: 'bot-replies',
  });
}

function length(text: string): number {
  return Array.from(text).length;
}
