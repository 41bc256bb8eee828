import { Packr } from 'msgpackr';

/**
 * How often BullMQ itself would try a job: practically always. When to give up is decided by the engine
 * (retry.ts), from the error's class and the job's age.
 */
const ATTEMPTS = 1_000_000;

/** BullMQ works on jobs with a priority after all those without one. */
const LATER = 10;

const packr = new Packr({ useRecords: false });

/** The options of a job, packed as BullMQ's scripts want them. */
export const LIVE_OPTIONS = packr.pack({ attempts: ATTEMPTS, backoff: { type: 'custom' } });

/** Of a redriven job: live ones go first. */
export const LATER_OPTIONS = packr.pack({ attempts: ATTEMPTS, backoff: { type: 'custom' }, priority: LATER });
