import { z } from 'zod';
import type { JobView } from './view.ts';

/** What a worker's log line says of a job. */
export interface JobNews extends JobView {
  readonly delivery: string;
}

const aboutJob = z.looseObject({ msg: z.string(), delivery: z.string(), queue: z.string() });
const done = z.object({ msg: z.literal('job done'), action: z.string(), reason: z.string() });
const failed = z.object({ err: z.object({ message: z.string() }), attempt: z.number().default(1) });

/** Reads one log line, already parsed; null when it is no news of a job. */
export function jobNews(line: unknown): JobNews | null {
  const about = aboutJob.safeParse(line).data;
  if (about === undefined) return null;
  const { delivery, queue, msg } = about;
  const finished = done.safeParse(line).data;
  if (finished !== undefined) {
    const note = `${finished.action}: ${finished.reason.replace(/^rule:/, 'rule ')}`.replaceAll('-', ' ');
    return { delivery, queue, state: 'done', note };
  }
  const failure = failed.safeParse(line).data;
  if (failure === undefined) return null;
  if (msg === 'job is dead') return { delivery, queue, state: 'dead', note: failure.err.message };
  if (!msg.startsWith('job failed')) return null;
  return { delivery, queue, state: 'retrying', note: `try ${failure.attempt}: ${failure.err.message}` };
}
