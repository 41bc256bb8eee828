import { z } from 'zod';
import { contactSubject, conversationSubject, type StoryJob } from '../story-job.ts';
import { aboutSchema } from '../story-record.ts';

/** What a job's end says without its numbers; the same for many jobs, so it is kept once. */
export interface Shaped {
  readonly shape: string;
  /** In order of their places in the shape. */
  readonly numbers: readonly number[];
}

/** JSON has none of it: it would be written as an escape. */
const PLACE = '\u0001';
const LONGEST_SHAPE = 400;
/** Beyond, or with a zero in front, digits are no number that could be given back as it was. */
const MOST_DIGITS = 15;

const shapeSchema = z.tuple([
  z.string(),
  z.enum(['v', 'c']),
  z.tuple([z.string(), z.string(), aboutSchema]).nullable(),
  z.array(z.tuple([z.string(), z.enum(['done', 'begun']), z.unknown()])),
]);

export type EndShape = Pick<StoryJob, 'queue' | 'lane' | 'decision'> & {
  readonly steps: readonly Pick<StoryJob['steps'][number], 'name' | 'state' | 'result'>[];
};

/** Null for a job that has more to tell than that it is done, by what decision and in what steps. */
export function shapeOf(job: StoryJob): Shaped | null {
  const kind = job.lane === laneOf('v', job) ? 'v' : job.lane === laneOf('c', job) ? 'c' : null;
  const isPlain = job.state === 'done' && job.attempts.length === 0 && job.error === null;
  if (kind === null || !isPlain || job.steps.some(({ at }) => at === null)) return null;
  const { decision } = job;
  const said: z.input<typeof shapeSchema> = [
    job.queue,
    kind,
    decision === null ? null : [decision.action, decision.reason, { ...decision.about }],
    job.steps.map(({ name, state, result }) => [name, state, result ?? null]),
  ];
  const numbers: number[] = [];
  const shape = JSON.stringify(said).replaceAll(/\d+/g, (digits) => {
    if ((digits.length > 1 && digits.startsWith('0')) || digits.length > MOST_DIGITS) return digits;
    numbers.push(Number(digits));
    return PLACE;
  });
  return shape.length <= LONGEST_SHAPE ? { shape, numbers } : null;
}

/** @param next the numbers, one after another. @throws for what is no shape. */
export function unshape(
  shape: string,
  next: () => number,
  place: Pick<StoryJob, 'account' | 'conversation' | 'contact'>,
): EndShape {
  const json = shape.replaceAll(PLACE, () => String(next()));
  const [queue, kind, decision, steps] = shapeSchema.parse(JSON.parse(json));
  return {
    queue,
    lane: laneOf(kind, place) ?? '',
    decision: decision === null ? null : { action: decision[0], reason: decision[1], about: decision[2] },
    steps: steps.map(([name, state, result]) => ({ name, state, result })),
  };
}

function laneOf(
  kind: 'v' | 'c',
  { account, conversation, contact }: Pick<StoryJob, 'account' | 'conversation' | 'contact'>,
): string | null {
  if (kind === 'c') return contact === null ? null : contactSubject(account, contact);
  return conversation === null ? null : conversationSubject(account, conversation);
}
