import { startContainer } from './container.ts';
import { untilPong } from './redis-ping.ts';
import { type RedisServer, type RedisSettings, redisArgs } from './redis-server.ts';

const image = 'redis:8-alpine';
/** Long: a disk that everybody writes to may keep a Redis for a while. */
const readyMs = 60_000;

/** Starts a Redis of our own in a Docker container. */
export async function startRedisContainer(settings: RedisSettings): Promise<RedisServer> {
  if (settings.dir !== undefined) throw new Error('dir is not for a Redis in Docker');
  const container = await startContainer({
    image,
    containerPort: 6379,
    command: ['redis-server', ...redisArgs(settings)],
    readyLine: 'Ready to accept connections',
    ...(settings.port === undefined ? {} : { port: settings.port }),
  });
  const { host, port } = container;
  return {
    url: `redis://${host}:${port}`,
    port,
    pid: null,
    kind: 'docker',
    label: `Redis in Docker (${image})`,
    kill: (signal = 'SIGKILL') => container.end(signal),
    async restart() {
      await container.end('SIGTERM');
      await container.start();
      await untilPong(host, port, readyMs);
    },
    pause: () => container.pause(),
    resume: () => container.unpause(),
    close: () => container.remove(),
  };
}
