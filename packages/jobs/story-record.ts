import { z } from 'zod';
import { boundedMessage, type StoryJob } from './story-job.ts';

export const aboutSchema = z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()]));

/**
 * How a job ended, told in full: what the short form (story-store/ended.ts) has no room for, and what versions before
 * kept of every job. A record is a JSON array without names, to be small; it begins with the time at which it was
 * written, by which old ones are dropped (story-store/store-lua.ts).
 */
const recordSchema = z
  .tuple([
    z.number(),
    z.enum(['done', 'dead']),
    z.string(),
    z.string(),
    z.string(),
    z.string(),
    z.string(),
    z.string(),
    z.number().nullable(),
    z.number().nullable(),
    z.number().nullable(),
    z.number().nullable(),
    z.number(),
    z.number().nullable(),
    z.tuple([z.string(), z.string(), aboutSchema]).nullable(),
    z.array(z.tuple([z.string(), z.enum(['done', 'begun']), z.number().nullable(), z.unknown()])),
    z.array(
      z.tuple([
        z.number(),
        z.string(),
        z.string(),
        z.string().nullable(),
        z.enum(['retry', 'hold', 'dead', 'handed-back']),
        z.number().nullable(),
      ]),
    ),
    z.tuple([z.string(), z.string(), z.string().nullable()]).nullable(),
  ])
  .transform(([endedAt, state, queue, jobId, delivery, lane, event, source, account, ...rest]): StoryJob => {
    const [conversation, contact, message, receivedAt, startedAt, decision, steps, attempts, error] = rest;
    return {
      delivery: delivery === '' ? jobId : delivery,
      jobId,
      queue,
      lane,
      event,
      source,
      account,
      conversation,
      contact,
      message,
      receivedAt,
      startedAt,
      endedAt,
      state,
      attempts: attempts.map(([at, code, message, step, next, nextAt]) => ({
        at,
        code,
        message,
        step,
        next,
        nextAt,
      })),
      decision: decision === null ? null : { action: decision[0], reason: decision[1], about: decision[2] },
      steps: steps.map(([name, state, at, result]) => ({ name, state, at, result })),
      error: error === null ? null : { code: error[0], message: error[1], step: error[2] },
    };
  });

/** Somebody discarded a dead job: the record before it stays, and says so. */
const discardSchema = z.tuple([z.number(), z.literal('discarded'), z.string(), z.string()]);

/** @returns what goes into the list when a job ends. */
export function packStory(
  job: StoryJob & { readonly state: 'done' | 'dead'; readonly endedAt: number },
): string {
  const { decision, error } = job;
  const record: z.input<typeof recordSchema> = [
    job.endedAt,
    job.state,
    job.queue,
    job.jobId,
    job.delivery === job.jobId ? '' : job.delivery,
    job.lane,
    job.event,
    job.source,
    job.account,
    job.conversation,
    job.contact,
    job.message,
    job.receivedAt,
    job.startedAt,
    decision === null ? null : [decision.action, decision.reason, { ...decision.about }],
    job.steps.map(({ name, state, at, result }) => [name, state, at, result]),
    job.attempts.map(({ at, code, message, step, next, nextAt }) => [at, code, message, step, next, nextAt]),
    error === null ? null : [error.code, boundedMessage(error.message), error.step],
  ];
  return JSON.stringify(record);
}

export function packDiscard(queue: string, jobId: string, now: number): string {
  const record: z.input<typeof discardSchema> = [now, 'discarded', queue, jobId];
  return JSON.stringify(record);
}

/** A job as it ended, or that a dead one was discarded since. */
export type StoryRecord =
  | StoryJob
  | { readonly discardedAt: number; readonly queue: string; readonly jobId: string };

/** null for what can't be read. */
export function readRecord(record: string): StoryRecord | null {
  const read: unknown = parsed(record);
  const discarded = discardSchema.safeParse(read);
  if (!discarded.success) return recordSchema.safeParse(read).data ?? null;
  const [discardedAt, , queue, jobId] = discarded.data;
  return { discardedAt, queue, jobId };
}

/** The jobs of records, oldest first, each as it ended last; one that was redriven has a record for each of its deaths. */
export function mergeRecords(records: readonly StoryRecord[]): StoryJob[] {
  const jobs = new Map<string, StoryJob>();
  for (const record of records) {
    const name = `${record.queue} ${record.jobId}`;
    if ('state' in record) jobs.set(name, record);
    else {
      const job = jobs.get(name);
      if (job !== undefined) jobs.set(name, { ...job, discardedAt: record.discardedAt });
    }
  }
  return [...jobs.values()];
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return null;
  }
}
