import { request } from 'node:http';
import { connect } from 'node:net';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Environment } from './environment.ts';

const answerWithinMs = 1_500;

/**
 * Whether a Docker engine answers, within 1.5 seconds and without a word. testcontainers takes far longer to
 * find out and throws, so it is only asked once this says yes.
 */
export async function dockerAnswers(env: Environment): Promise<boolean> {
  const asked =
    env.DOCKER_HOST === undefined || env.DOCKER_HOST === '' ? usualSockets(env) : [env.DOCKER_HOST];
  const answers = await Promise.all(asked.map((host) => pings(host, env)));
  return answers.includes(true);
}

function usualSockets(env: Environment): string[] {
  const runtime = env.XDG_RUNTIME_DIR;
  const paths = ['/var/run/docker.sock', join(env.HOME ?? homedir(), '.docker/run/docker.sock')];
  if (runtime !== undefined && runtime !== '') paths.push(join(runtime, 'docker.sock'));
  return paths.map((path) => `unix://${path}`);
}

function pings(host: string, env: Environment): Promise<boolean> {
  if (host.startsWith('unix://')) return answersPing({ socketPath: host.slice('unix://'.length) });
  if (!URL.canParse(host)) return Promise.resolve(false);
  const { hostname, port } = new URL(host);
  // With TLS the ping would need the client's certificates; that somebody listens has to do.
  if (env.DOCKER_TLS_VERIFY) return accepts(hostname, Number(port || 2376));
  return answersPing({ hostname, port: Number(port || 2375) });
}

function answersPing(where: { socketPath: string } | { hostname: string; port: number }): Promise<boolean> {
  return new Promise((resolve) => {
    const asking = request({ ...where, path: '/_ping', signal: AbortSignal.timeout(answerWithinMs) });
    asking.on('response', (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    asking.on('error', () => resolve(false));
    asking.end();
  });
}

function accepts(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: answerWithinMs });
    const settle = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket.once('connect', () => settle(true));
    socket.once('timeout', () => settle(false));
    socket.once('error', () => settle(false));
  });
}
