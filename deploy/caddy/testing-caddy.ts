import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { findCaddy, freePort, startProcess } from '@switchyard/testkit';
import { z } from 'zod';

const run = promisify(execFile);

/** A real Caddy with the Caddyfile that is shipped, and a certificate of its own making for `localhost`. */
export interface CaddyServer {
  readonly port: number;
  /** The most memory that it ever had resident, bytes (`VmHWM` of Linux). */
  peakMemory(): Promise<number>;
  close(): Promise<void>;
}

export interface CaddyLimits {
  /** GOMEMLIMIT, as docker-compose.yml sets it. */
  readonly memory: string;
  /** How many files it may open, connections among them. */
  readonly files: number;
  /**
   * Caddy before 2.7 can send a body again only where it keeps all bodies, however large. 2.7 and newer do as the
   * Caddyfile says: what fits into `request_buffers` is sent again.
   */
  readonly oldKeepsAll?: boolean;
}

/**
 * Starts Caddy. Only its ports, its upstreams and its store of certificates are not as shipped.
 *
 * @param upstreams ports on loopback, in place of those that the Caddyfile names, in its order
 * @throws what Caddy has against the file.
 */
export async function startCaddy(upstreams: readonly number[], limits: CaddyLimits): Promise<CaddyServer> {
  const caddy = await findCaddy();
  const folder = await mkdtemp(join(tmpdir(), 'switchyard-caddy-'));
  const env = { PATH: process.env.PATH, HOME: folder, XDG_DATA_HOME: folder, XDG_CONFIG_HOME: folder };
  try {
    const file = join(folder, 'Caddyfile');
    await writeFile(
      file,
      await inWordsOf(caddy, await readFile(join(import.meta.dirname, 'Caddyfile'), 'utf8'), limits),
    );
    const adapted = await run(caddy, ['adapt', '--config', file, '--adapter', 'caddyfile'], {
      env: { ...env, SWITCHYARD_DOMAIN: 'localhost' },
    });
    const ports = { http: await freePort(), https: await freePort() };
    const config = join(folder, 'caddy.json');
    await writeFile(config, onLoopback(adapted.stdout, ports, upstreams));
    const running = await startProcess({
      name: 'Caddy',
      command: 'sh',
      args: ['-c', `ulimit -n ${limits.files}; exec "$0" run --config "$1"`, caddy, config],
      env: { ...env, GOMEMLIMIT: limits.memory },
      readyLine: 'certificate obtained successfully',
      readyMs: 60_000,
      folder,
    });
    return {
      port: ports.https,
      async peakMemory() {
        const status = await readFile(`/proc/${running.pid}/status`, 'utf8');
        return Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1]) * 1024;
      },
      async close() {
        await running.stop('SIGKILL');
        await rm(folder, { recursive: true, force: true });
      },
    };
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}

/** Before 2.7 the same setting had two lines. */
async function inWordsOf(caddy: string, caddyfile: string, { oldKeepsAll }: CaddyLimits): Promise<string> {
  const [, minor = ''] = /^v?2\.(\d+)/.exec((await run(caddy, ['version'])).stdout) ?? [];
  if (Number(minor) > 6) return caddyfile;
  const most = oldKeepsAll === true ? '' : '\nmax_buffer_size $1';
  return caddyfile.replace(/request_buffers (\S+)/, `buffer_requests${most}`);
}

const adaptedSchema = z.looseObject({
  apps: z.looseObject({
    http: z.looseObject({ servers: z.record(z.string(), z.looseObject({ listen: z.array(z.string()) })) }),
  }),
});

function onLoopback(
  adapted: string,
  ports: { readonly http: number; readonly https: number },
  upstreams: readonly number[],
): string {
  const config = adaptedSchema.parse(JSON.parse(adapted));
  config.apps.http.http_port = ports.http;
  config.apps.http.https_port = ports.https;
  for (const server of Object.values(config.apps.http.servers)) server.listen = [`127.0.0.1:${ports.https}`];
  // The machine's own store of certificates is left alone.
  config.apps.pki = { certificate_authorities: { local: { install_trust: false } } };
  let next = 0;
  return JSON.stringify(config, (key, value: unknown) => {
    if (key !== 'dial') return value;
    const port = upstreams[next];
    next += 1;
    return `127.0.0.1:${port}`;
  });
}
