import { GenericContainer, getContainerRuntimeClient, Wait } from 'testcontainers';
import { freePort } from './ports.ts';

/** A service in a Docker container, on a port of this machine that stays the same over restarts. */
export interface Container {
  readonly host: string;
  readonly port: number;
  /** Ends its process; its data stays. Nothing happens when it has ended already. */
  end(signal: NodeJS.Signals): Promise<void>;
  /** Starts it again after `end`. The caller waits until the service answers. */
  start(): Promise<void>;
  pause(): Promise<void>;
  unpause(): Promise<void>;
  remove(): Promise<void>;
}

/** Starts a container and waits until it has written `readyLine`, `readyTimes` times. */
export async function startContainer(options: {
  image: string;
  containerPort: number;
  port?: number;
  command?: readonly string[];
  environment?: Record<string, string>;
  readyLine: string;
  readyTimes?: number;
}): Promise<Container> {
  const { image, containerPort, command = [], environment = {}, readyLine, readyTimes = 1 } = options;
  const port = options.port ?? (await freePort());
  const started = await new GenericContainer(image)
    .withExposedPorts({ container: containerPort, host: port })
    .withCommand([...command])
    .withEnvironment(environment)
    .withWaitStrategy(Wait.forLogMessage(readyLine, readyTimes))
    .start();
  const client = await getContainerRuntimeClient();
  const container = client.container.getById(started.getId());
  const state = async () => (await container.inspect()).State;
  const unpause = async () => {
    if ((await state()).Paused) await container.unpause();
  };
  return {
    host: started.getHost(),
    port,
    async end(signal) {
      await unpause();
      if (!(await state()).Running) return;
      await container.kill({ signal });
      await container.wait();
    },
    async start() {
      await container.start();
    },
    async pause() {
      await container.pause();
    },
    unpause,
    async remove() {
      await container.remove({ force: true, v: true });
    },
  };
}
