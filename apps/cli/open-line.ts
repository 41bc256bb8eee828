import { BUILT_IN_QUEUES, type CliConfig, loadCliConfig } from '@switchyard/config';
import {
  createDeadJobs,
  createStories,
  type DeadJobs,
  knownShards,
  type RedisConnection,
  type Stories,
} from '@switchyard/jobs';
import { CommandFailure } from './command-failure.ts';
import { EXIT } from './exit.ts';
import { withRedis } from './open-redis.ts';

/** The queues and what is known of their jobs. */
export interface OpenLine {
  readonly config: CliConfig;
  readonly redis: RedisConnection;
  /** All there are, the custom workers' among them, whether they have work to do or not. */
  readonly queues: readonly string[];
  readonly dead: DeadJobs;
  readonly stories: Stories;
}

/** @throws {CommandFailure} Redis can't be reached, or its jobs are spread over another number of shards. */
export async function withLine<T>(work: (line: OpenLine) => Promise<T>): Promise<T> {
  const config = await loadCliConfig();
  const queues = [...BUILT_IN_QUEUES, ...Object.keys(config.workers)];
  const { shards } = config;
  return withRedis(config, async (redis) => {
    const known = await knownShards(redis);
    if (known !== shards) throw otherShards(shards, known);
    const settings = { redis, shards, queues };
    return work({ config, redis, queues, dead: createDeadJobs(settings), stories: createStories(settings) });
  });
}

/** With another number, part of the jobs would not be seen, and nobody would know. */
function otherShards(asked: number, known: number): CommandFailure {
  const message = `SHARDS: ${asked}, but the queues in Redis are spread over ${known}`;
  return new CommandFailure(EXIT.usage, 'SHARDS_DIFFER', message, [
    `Run it with SHARDS=${known}, as the apps do.`,
  ]);
}
