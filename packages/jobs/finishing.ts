import type { Logger } from '@switchyard/telemetry';
import { type RedisQueueBackend, WaitingError } from 'bullmq';
import { FINISHING_KEYS } from './bullmq-lua.ts';
import type { Lanes, Settling } from './lanes.ts';
import { LockLost } from './lock.ts';

/** What is to be done when BullMQ ends a job that was done. */
interface Finish {
  readonly settling: Settling;
  /** It is settled and ended. */
  readonly done: () => void;
  /** It was another worker's by then; nothing was written. */
  readonly lost: () => void;
}

/** Jobs that are done and that BullMQ is about to end: it then settles them in the very same step. */
export interface Finishing {
  expect(jobId: string, finish: Finish): void;
  /** The job begins anew: what was expected of an earlier attempt is not to happen. */
  forget(jobId: string): void;
  /** To be called once for the backend of each BullMQ worker that these jobs may end on. */
  joinTo(backend: RedisQueueBackend): void;
}

/** BullMQ's arguments for moveToFinished, after its keys: the job's id comes first, what becomes of it fifth. */
const JOB_ID = FINISHING_KEYS;
const TARGET = FINISHING_KEYS + 4;

/**
 * A job that is done ends in two places: its lane goes to the next one, and BullMQ moves it to its finished ones and
 * fetches the next. Two trips to Redis, and a moment between them in which a worker may die and leave the job settled
 * but not ended. Here both are one script. It goes in where BullMQ hands its command to Redis, `execCommand` of its
 * backend, and gives back what BullMQ's own script answers; everything around that stays BullMQ's.
 */
export function createFinishing(lanes: Pick<Lanes, 'finish'>, log: Logger): Finishing {
  const expected = new Map<string, Finish>();

  async function end(jobId: string, { settling, done, lost }: Finish, args: readonly unknown[]) {
    try {
      const answer = await lanes.finish(settling, args.slice(FINISHING_KEYS).map(asArgument));
      done();
      expected.delete(jobId);
      return answer;
    } catch (error) {
      if (!(error instanceof LockLost)) {
        // BullMQ asks again when the connection broke, and lets the job be tried again otherwise.
        log.warn({ err: error, job: jobId }, 'a job that is done could not be ended');
        throw error;
      }
      expected.delete(jobId);
      lost();
      // BullMQ leaves the job alone then.
      throw new WaitingError();
    }
  }

  return {
    expect: (jobId, finish) => void expected.set(jobId, finish),
    forget: (jobId) => void expected.delete(jobId),
    joinTo(backend) {
      const execCommand = backend.execCommand.bind(backend);
      backend.execCommand = (client, command, args: unknown[]) => {
        const jobId = String(args[JOB_ID]);
        const finish =
          command === 'moveToFinished' && args[TARGET] === 'completed' ? expected.get(jobId) : undefined;
        return finish === undefined ? execCommand(client, command, args) : end(jobId, finish, args);
      };
    },
  };
}

/** As ioredis would write it. */
function asArgument(value: unknown): string | Buffer {
  if (value === undefined || value === null) return '';
  return Buffer.isBuffer(value) ? value : String(value);
}
