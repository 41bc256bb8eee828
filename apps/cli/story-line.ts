import type { StoryAttempt, StoryJob, StoryStep } from '@switchyard/jobs';

/** One thing that happened to a job. */
export interface Happening {
  readonly at: number | null;
  readonly kind: 'step' | 'failure';
  readonly text: string;
}

const LONGEST_RESULT = 120;

/** A job's steps and failed attempts in the order they happened; those whose time is not known come last. Pure. */
export function happenings({ steps, attempts }: Pick<StoryJob, 'steps' | 'attempts'>): Happening[] {
  return [...attempts.map(ofAttempt), ...steps.map(ofStep)].toSorted(
    (a, b) => (a.at ?? Number.MAX_SAFE_INTEGER) - (b.at ?? Number.MAX_SAFE_INTEGER),
  );
}

function ofStep({ name, state, result, at }: StoryStep): Happening {
  if (state === 'begun') {
    return {
      at,
      kind: 'step',
      text: `${name}: begun; whether it took effect is asked before it is tried again`,
    };
  }
  return { at, kind: 'step', text: `${name}${resultText(result)}` };
}

function resultText(result: unknown): string {
  if (result === null || result === undefined) return '';
  const text = typeof result === 'string' ? result : JSON.stringify(result);
  return ` → ${text.length > LONGEST_RESULT ? `${text.slice(0, LONGEST_RESULT)}…` : text}`;
}

function ofAttempt({ at, code, message, step, next }: StoryAttempt): Happening {
  const where = step === null ? '' : ` in ${step}`;
  return { at, kind: 'failure', text: `${code}${where}: ${message} (${NEXT[next]})` };
}

const NEXT: Readonly<Record<StoryAttempt['next'], string>> = {
  retry: 'tried again',
  hold: 'the queue waited',
  dead: 'given up',
  'handed-back': 'handed to another worker',
};
