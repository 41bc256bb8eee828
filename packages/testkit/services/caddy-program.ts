import { type DebianSpec, debianProgram } from './debian-program.ts';
import type { Environment } from './environment.ts';
import { findOnPath } from './executables.ts';
import { firstWay } from './first-way.ts';
import { runCommand } from './run-command.ts';

const CADDY: DebianSpec = {
  name: 'caddy',
  packages: ['caddy'],
  program: 'usr/bin/caddy',
  async versionOf(command) {
    try {
      const said = await runCommand(command, ['version'], { env: {}, timeoutMs: 15_000 });
      return /^v?(\d\S*)/.exec(said)?.[1] ?? null;
    } catch {
      return null;
    }
  },
};

/**
 * The Caddy on the PATH, else Debian's package unpacked under the project's cache folder.
 *
 * @throws one line that says what to install.
 */
export function findCaddy(env: Environment = process.env): Promise<string> {
  return firstWay(
    [
      { name: 'PATH', attempt: () => findOnPath(['caddy'], env) },
      {
        name: "Debian's package",
        attempt: async () => (await debianProgram(CADDY, env))?.program.command ?? null,
      },
    ],
    'Caddy',
    'Install Caddy (macOS: brew install caddy).',
  );
}
