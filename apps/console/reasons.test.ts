import { globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  actionInWords,
  eventInWords,
  knownAction,
  knownReason,
  knownStep,
  reasonInWords,
  stepInWords,
} from './reasons.ts';

const APPS = dirname(import.meta.dirname);

/** The source of the worker apps, without their tests and examples. */
const sources = globSync('{crm-sync,bot-replies,routing,healer,custom-workers}/**/*.ts', { cwd: APPS })
  .filter((path) => !/\.test\.ts$|testing-|example/.test(path))
  .map((path) => readFileSync(join(APPS, path), 'utf8'));

function allOf(patterns: readonly RegExp[]): string[] {
  const found = sources.flatMap((source) =>
    patterns.flatMap((pattern) =>
      [...source.matchAll(pattern)].flatMap(([, text = '']) =>
        [...text.matchAll(/'([a-z][a-z-]*)'/g)].map(([, word = '']) => word),
      ),
    ),
  );
  return [...new Set(found)].toSorted();
}

// What is written down as a reason: the types of reasons to do nothing, and reasons given where a decision is made.
const reasons = allOf([
  /type (?:None|\w*Silence|NoneReason|NotHandedOver|HandOverReason|Undelivered)\w* =([^;]*);/g,
  /\breason: ([^,;}\n]*)/g,
  /\b(?:silent|none)\(([^)]*)\)/g,
]);
const actions = allOf([/\baction: ([^,;}\n]*)/g]);
const steps = allOf([
  /\bstep(?:<\w+>)?\(\s*('[a-z-]+')/g,
  /\b(?:sendReply|writeNote|write)\(\s*parts,\s*('[a-z-]+')/g,
  /return \[('[a-z-]+')\]/g,
]);

describe('the apps', () => {
  test('are looked through: the reasons, actions and steps that everybody knows are found', () => {
    expect(reasons).toEqual(
      expect.arrayContaining(['no-rule', 'human-took-over', 'person-assigned', 'stale', 'own-message']),
    );
    expect(reasons.length).toBeGreaterThan(35);
    expect(actions).toEqual(
      expect.arrayContaining(['silent', 'reply', 'assign', 'create-lead', 'hand-over-late']),
    );
    expect(steps).toEqual(expect.arrayContaining(['create-lead', 'assign-team', 'reply', 'open', 'note']));
  });

  test.each(reasons)('the reason %s has a sentence', (reason) => {
    expect(knownReason(reason)).not.toBeNull();
  });
  test.each(actions)('the action %s has words', (action) => {
    expect(knownAction(action)).not.toBeNull();
  });
  test.each(steps)('the step %s has words', (step) => {
    expect(knownStep(step)).not.toBeNull();
  });
});

test.each([
  ['rule:hours', 'rule “hours” matched'],
  ['rule:rules[2]', 'rule “rules[2]” matched'],
  ['no-rule', 'no rule matched'],
  ['not-urgent', 'not urgent'],
  ['constructor', 'constructor'],
])('the reason %s is said as: %s', (reason, words) => {
  expect(reasonInWords(reason)).toBe(words);
});

test('what only a custom worker knows is said as it is', () => {
  expect(actionInWords('send-alert')).toBe('Send alert');
  expect(stepInWords('notify')).toBe('notify');
  expect(stepInWords('update-lead:42')).toBe('changed the lead of conversation 42');
  expect(eventInWords('message_created')).toBe('A message was written');
  expect(eventInWords('something_new')).toBe('Something new');
});
