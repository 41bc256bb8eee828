import { Packr } from 'msgpackr';

/**
 * How often BullMQ itself would try a job: practically always. When to give up is decided by the engine
 * (retry.ts), from the error's class and the job's age.
 */
const ATTEMPTS = 1_000_000;

/** BullMQ works on jobs with a priority after all those without one. */
const LATER = 10;

const packr = new Packr({ useRecords: false });

const LIVE = { attempts: ATTEMPTS, backoff: { type: 'custom' } };

/** The options of a job, packed as BullMQ's scripts want them. */
export const LIVE_OPTIONS = packr.pack(LIVE);

/** The same for a job of a traced delivery: its trace is where BullMQ's worker looks for it. */
export function tracedOptions(trace: string): Buffer {
  return packr.pack({ ...LIVE, tm: trace });
}

/** Of a redriven job: live ones go first. */
export const LATER_OPTIONS = packr.pack({ ...LIVE, priority: LATER });
