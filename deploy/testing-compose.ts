import { spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';

export interface Compose {
  /** Runs a command of it; resolves with what it printed. @throws with its words when it fails. */
  run(...args: readonly string[]): Promise<string>;
  /** The ids of a service's containers, the stopped ones too. */
  containers(service: string): Promise<readonly string[]>;
  /** @throws when not every container of the services is healthy within `ms`. */
  untilHealthy(services: readonly string[], ms: number): Promise<void>;
}

/** @param command `docker compose`, or `docker-compose` for the old one */
export function createCompose(command: string, project: string, cwd: string): Compose {
  const [program = '', ...first] = command.split(' ');
  const compose: Compose = {
    run: (...args) => run(program, [...first, '--project-name', project, '--profile', 'demo', ...args], cwd),
    async containers(service) {
      const ids = await run('docker', ['ps', '--all', '--quiet', ...filters(project, service)], cwd);
      return ids.split('\n').filter((id) => id !== '');
    },
    async untilHealthy(services, ms) {
      const deadline = Date.now() + ms;
      for (const service of services) {
        for (;;) {
          const ids = await compose.containers(service);
          const states = await Promise.all(ids.map((id) => inspect(id, '{{.State.Health.Status}}')));
          if (ids.length > 0 && states.every((state) => state === 'healthy')) break;
          if (Date.now() > deadline) {
            throw new Error(
              `${service} is ${states.join(', ') || 'not there'}:\n${await compose.run('logs', '--tail=20', service)}`,
            );
          }
          await sleep(1_000);
        }
      }
    },
  };
  return compose;
}

/** A field of a container, in the words of a Go template. */
export async function inspect(container: string, template: string): Promise<string> {
  return (await run('docker', ['inspect', '--format', template, container])).trim();
}

/** @throws with what the program said when its exit code is not 0. */
export function run(program: string, args: readonly string[], cwd?: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
    let out = '';
    let errors = '';
    child.stdout.on('data', (chunk) => {
      out += chunk;
    });
    child.stderr.on('data', (chunk) => {
      errors += chunk;
    });
    child.on('error', reject);
    child.on('close', (code) => {
      if (code === 0) resolve(out);
      else
        reject(
          new Error(
            `${program} ${args.join(' ')} ended with ${code}:\n${out.slice(-2_000)}${errors.slice(-4_000)}`,
          ),
        );
    });
  });
}

function filters(project: string, service: string): string[] {
  const labels = [`com.docker.compose.project=${project}`, `com.docker.compose.service=${service}`];
  return labels.flatMap((label) => ['--filter', `label=${label}`]);
}
