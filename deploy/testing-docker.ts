import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { z } from 'zod';

/** What a command of Docker's ends with. */
export interface DockerAnswer {
  readonly stdout?: string;
  readonly code?: number;
}

/** A `docker` for the PATH that asks us what to say. */
export interface PretendDocker {
  /** The folder it is in. */
  readonly path: string;
  /** Every command so far, without `docker`. */
  readonly commands: readonly string[];
  close(): Promise<void>;
}

const argumentsSchema = z.array(z.string());

export async function pretendDocker(
  answer: (command: string) => DockerAnswer | Promise<DockerAnswer>,
): Promise<PretendDocker> {
  const path = await mkdtemp(join(tmpdir(), 'switchyard-docker-'));
  const socket = join(path, 'asked');
  const commands: string[] = [];
  const server = createServer(async (request, response) => {
    const command = argumentsSchema.parse(JSON.parse(await text(request))).join(' ');
    commands.push(command);
    response.end(JSON.stringify(await answer(command)));
  });
  await new Promise<void>((resolve) => server.listen(socket, resolve));
  const program = `#!${process.execPath}
const { request } = require('node:http');
const asking = request({ socketPath: ${JSON.stringify(socket)}, method: 'POST' }, async (answer) => {
  let said = '';
  for await (const part of answer) said += part;
  const { stdout = '', code = 0 } = JSON.parse(said);
  process.stdout.write(stdout);
  process.exitCode = code;
});
asking.end(JSON.stringify(process.argv.slice(2)));
`;
  await writeFile(join(path, 'docker'), program, { mode: 0o755 });
  return {
    path,
    commands,
    async close() {
      server.closeAllConnections();
      server.close();
      await rm(path, { recursive: true, force: true });
    },
  };
}
