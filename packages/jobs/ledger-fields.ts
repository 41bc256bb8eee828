import { z } from 'zod';
import type { DecisionSummary } from './define.ts';
import {
  boundedDecision,
  boundedMessage,
  boundedResult,
  type StoryAttempt,
  type StoryDecision,
  type StoryStep,
} from './story-job.ts';

/**
 * The fields of a ledger: a step's name → when it began or its result, and those of our own, whose names begin with
 * `=` as no step's may.
 */
export type LedgerFields = Readonly<Record<string, string>>;

export const OUTCOME_FIELD = '=outcome';
export const ALONE_FIELD = '=alone';
/** There when an attempt ended without a word: any step that is not in the ledger may have been begun by it. */
export const UNSURE_FIELD = '=unsure';
/** How often the job has failed by each class, since it was accepted or last redriven. */
export const TRIES_FIELD = '=tries';
const ATTEMPTS_FIELD = '=attempts';
const DECISION_FIELD = '=decision';

const BEGUN = 'begun';
const MOST_ATTEMPTS = 20;

/** @throws {TypeError} for a name that a step may not have. */
export function checkStepName(name: string): void {
  if (name === '' || name.startsWith('=')) {
    throw new TypeError(`step "${name}": the name of a step is not empty and does not begin with "="`);
  }
}

export function begunAt(now: number): string {
  return `${BEGUN}:${now}`;
}

export function isBegun(stored: string | undefined): boolean {
  return stored?.startsWith(BEGUN) === true;
}

/** @param result as JSON; undefined for a step that gave nothing. */
export function doneAt(now: number, result: string | undefined): string {
  return result === undefined ? `{"at":${now}}` : `{"at":${now},"result":${result}}`;
}

export function isStep(name: string): boolean {
  return !name.startsWith('=');
}

const doneSchema = z.object({ result: z.unknown().optional(), at: z.number().nullable().default(null) });

/** The steps, in the order in which they began or ended. */
export function stepsOf(fields: LedgerFields): StoryStep[] {
  return Object.entries(fields)
    .filter(([name]) => isStep(name))
    .map(([name, stored]): StoryStep => {
      if (isBegun(stored)) {
        const at = Number(stored.slice(BEGUN.length + 1));
        return { name, state: 'begun', result: null, at: at > 0 ? at : null };
      }
      const done = doneSchema.safeParse(parsed(stored)).data;
      return { name, state: 'done', result: boundedResult(done?.result), at: done?.at ?? null };
    })
    .toSorted((a, b) => (a.at ?? LATEST) - (b.at ?? LATEST) || rank(a) - rank(b));
}

const LATEST = Number.MAX_SAFE_INTEGER;

/** What was begun in the very millisecond in which another step ended came after it. */
function rank({ state }: StoryStep): number {
  return state === 'done' ? 0 : 1;
}

const attemptsSchema = z.array(
  z.object({
    at: z.number(),
    code: z.string(),
    message: z.string(),
    step: z.string().nullable(),
    next: z.enum(['retry', 'hold', 'dead', 'handed-back']),
    nextAt: z.number().nullable(),
  }),
);

/** Those that failed, oldest first. */
export function attemptsOf(fields: LedgerFields): StoryAttempt[] {
  return attemptsSchema.safeParse(parsed(fields[ATTEMPTS_FIELD])).data ?? [];
}

const decisionSchema = z.object({
  action: z.string(),
  reason: z.string(),
  about: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])),
});

/** What the last attempt that failed had decided; null when it did not come so far. */
export function decisionOf(fields: LedgerFields): StoryDecision | null {
  return decisionSchema.safeParse(parsed(fields[DECISION_FIELD])).data ?? null;
}

const triesSchema = z.record(z.string(), z.number());

/** How often it failed by this class before. */
export function triesOf(fields: LedgerFields, failure: string): number {
  return triesSchema.safeParse(parsed(fields[TRIES_FIELD])).data?.[failure] ?? 0;
}

/** Its tries with one more by this class. */
export function triedFields(fields: LedgerFields, failure: string): Record<string, string> {
  const before = triesSchema.safeParse(parsed(fields[TRIES_FIELD])).data ?? {};
  return { [TRIES_FIELD]: JSON.stringify({ ...before, [failure]: (before[failure] ?? 0) + 1 }) };
}

/** The fields that an attempt which failed leaves behind. */
export function failedFields(
  fields: LedgerFields,
  failed: StoryAttempt,
  decision: DecisionSummary | null,
): Record<string, string> {
  const bounded = { ...failed, message: boundedMessage(failed.message) };
  const attempts = [...attemptsOf(fields), bounded].slice(-MOST_ATTEMPTS);
  return {
    [ATTEMPTS_FIELD]: JSON.stringify(attempts),
    ...(decision === null ? {} : { [DECISION_FIELD]: JSON.stringify(boundedDecision(decision)) }),
  };
}

/** undefined for what is not JSON. */
function parsed(json: string | undefined): unknown {
  try {
    return json === undefined ? undefined : JSON.parse(json);
  } catch {
    return undefined;
  }
}
