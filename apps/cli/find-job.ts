import type { DeadJob, StoryJob } from '@switchyard/jobs';
import { CommandFailure } from './command-failure.ts';
import type { JobPlace } from './dead-target.ts';
import { EXIT } from './exit.ts';
import type { OpenLine } from './open-line.ts';

/**
 * The dead jobs that a place means: one, or one for each queue on which that delivery died.
 *
 * @throws {CommandFailure} none is dead: what its jobs are instead, or that nothing is known of it.
 */
export async function deadJobsAt(
  place: JobPlace,
  { dead, stories, queues }: OpenLine,
): Promise<readonly DeadJob[]> {
  const asked = place.queue === null ? queues : [place.queue];
  const found = await Promise.all(asked.map((queue) => dead.find(queue, place.jobId)));
  const deadOnes = found.filter((job) => job !== null);
  if (deadOnes.length > 0) return deadOnes;
  const story = (await stories.ofDelivery(place.jobId)) ?? [];
  throw notDead(
    place,
    story.filter(({ queue }) => asked.includes(queue)),
  );
}

function notDead({ queue, jobId }: JobPlace, jobs: readonly StoryJob[]): CommandFailure {
  const name = queue === null ? jobId : `${queue}/${jobId}`;
  const discarded = jobs.filter(({ discardedAt }) => discardedAt !== undefined);
  const others = jobs.filter(({ discardedAt, state }) => discardedAt === undefined && state !== 'dead');
  if (others.length > 0) {
    const states = others.map((job) => `${job.queue}: ${STATES[job.state]}`).join('; ');
    return new CommandFailure(EXIT.notDead, 'NOT_DEAD', `${name} is not dead. ${states}`, [
      `\`switchyard trace ${jobId}\` tells its story.`,
    ]);
  }
  if (discarded.length > 0) {
    return new CommandFailure(
      EXIT.notFound,
      'JOB_DISCARDED',
      `${name} died and was discarded since; nothing is left of it`,
    );
  }
  return new CommandFailure(EXIT.notFound, 'JOB_NOT_FOUND', `no job ${name}`, [
    '`switchyard dead list --jobs` shows the dead ones; what became of one that is done is known for `stories.keepHours`.',
  ]);
}

const STATES: Readonly<Record<StoryJob['state'], string>> = {
  waiting: 'it waits for a worker',
  behind: 'it waits behind another job of its conversation',
  active: 'a worker is at it',
  delayed: 'it waits for its retry',
  dead: 'dead',
  done: 'it is done',
};
