import { dirname, join } from 'node:path';
import { type DebianSpec, debianProgram } from './debian-program.ts';
import type { Environment } from './environment.ts';
import { findOnPath } from './executables.ts';
import { firstWay } from './first-way.ts';
import { runCommand } from './run-command.ts';

/** Prometheus's own programs, each a path. */
export interface PrometheusPrograms {
  readonly prometheus: string;
  readonly promtool: string;
  /** For people: `Prometheus 2.42.0+ds from Debian's package (cached)`. */
  readonly label: string;
}

const PROMETHEUS: DebianSpec = {
  name: 'prometheus',
  packages: ['prometheus'],
  program: 'usr/bin/prometheus',
  versionOf,
};
const ALERTMANAGER: DebianSpec = {
  name: 'alertmanager',
  packages: ['prometheus-alertmanager'],
  program: 'usr/bin/amtool',
  versionOf,
};

/**
 * Prometheus and promtool: those on the PATH, else Debian's package unpacked under the project's cache folder.
 *
 * @throws one line that says what to install.
 */
export function findPrometheus(env: Environment = process.env): Promise<PrometheusPrograms> {
  return firstWay(
    [
      {
        name: 'PATH',
        async attempt() {
          const prometheus = await findOnPath(['prometheus'], env);
          const promtool = await findOnPath(['promtool'], env);
          if (prometheus === null || promtool === null) return null;
          return { prometheus, promtool, label: `Prometheus (${prometheus})` };
        },
      },
      {
        name: "Debian's package",
        async attempt() {
          const found = await debianProgram(PROMETHEUS, env);
          if (found === null) return null;
          const { command, version } = found.program;
          const how = found.cached ? 'cached' : 'just fetched';
          return {
            prometheus: command,
            promtool: join(dirname(command), 'promtool'),
            label: `Prometheus ${version} from Debian's package (${how})`,
          };
        },
      },
    ],
    'Prometheus',
    'Install prometheus and promtool (macOS: brew install prometheus).',
  );
}

/**
 * amtool, which checks Alertmanager's configuration: the one on the PATH, else Debian's.
 *
 * @throws one line that says what to install.
 */
export function findAmtool(env: Environment = process.env): Promise<string> {
  return firstWay(
    [
      { name: 'PATH', attempt: () => findOnPath(['amtool'], env) },
      {
        name: "Debian's package",
        attempt: async () => (await debianProgram(ALERTMANAGER, env))?.program.command ?? null,
      },
    ],
    'amtool',
    'Install Alertmanager (macOS: brew install alertmanager).',
  );
}

async function versionOf(
  command: string,
  _libraries: readonly string[],
  env: Environment,
): Promise<string | null> {
  try {
    const words = await runCommand(command, ['--version'], { env, timeoutMs: 15_000 });
    return /version ([^\s,]+)/.exec(words)?.[1] ?? null;
  } catch {
    return null;
  }
}
