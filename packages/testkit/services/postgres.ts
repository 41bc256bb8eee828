import { dockerAnswers } from './docker.ts';
import type { Environment } from './environment.ts';
import { firstWay, type Way } from './first-way.ts';
import { startPostgresContainer } from './postgres-container.ts';
import { startEmbeddedPostgres } from './postgres-embedded.ts';
import { query } from './postgres-query.ts';
import type { PostgresServer } from './postgres-server.ts';

export interface PostgresOptions {
  /** A server nobody else uses, which may be stopped: CUSTOMERS_DATABASE_URL is then passed over. */
  owned?: boolean;
  /** Statements to run once it is up. */
  seed?: readonly string[];
  /** Where CUSTOMERS_DATABASE_URL and DOCKER_HOST are read; the process's own environment when left out. */
  env?: Environment;
}

/** What stands behind each way to a Postgres. Passed in, so that their order can be tested on any machine. */
export interface PostgresSources {
  dockerAnswers(env: Environment): Promise<boolean>;
  inDocker(): Promise<PostgresServer>;
  embedded(): Promise<PostgresServer>;
}

const realSources: PostgresSources = {
  dockerAnswers,
  inDocker: startPostgresContainer,
  embedded: () => startEmbeddedPostgres(),
};

const advice = 'Set CUSTOMERS_DATABASE_URL or start Docker.';

/**
 * A real Postgres, with nothing set up beforehand. Tried in this order: CUSTOMERS_DATABASE_URL, a Docker
 * engine, PGlite from the npm registry in a process of its own.
 *
 * @throws one line that says what to do, or the first `seed` statement's error.
 */
export async function startPostgres(
  options: PostgresOptions = {},
  sources: PostgresSources = realSources,
): Promise<PostgresServer> {
  const { owned = false, seed = [], env = process.env } = options;
  // A wrong URL ends it here: falling back to another server would hide the mistake.
  const url = owned ? undefined : env.CUSTOMERS_DATABASE_URL;
  const server = url ? givenPostgres(url) : await firstWay(postgresWays(env, sources), 'Postgres', advice);
  if (seed.length === 0) return server;
  try {
    await query(
      server.url,
      seed.map((text) => ({ text })),
    );
  } catch (error) {
    await server.close();
    throw error;
  }
  return server;
}

function postgresWays(env: Environment, sources: PostgresSources): Way<PostgresServer>[] {
  return [
    {
      name: 'Docker',
      attempt: async () => ((await sources.dockerAnswers(env)) ? sources.inDocker() : null),
    },
    { name: 'PGlite', attempt: () => sources.embedded() },
  ];
}

/** Someone else's server: used, and otherwise left alone. */
function givenPostgres(url: string): PostgresServer {
  if (!URL.canParse(url)) throw new Error('CUSTOMERS_DATABASE_URL is not an URL');
  const refuse = (what: string) => async () => {
    throw new Error(
      `the Postgres in CUSTOMERS_DATABASE_URL is not ours to ${what}; ask for startPostgres({ owned: true })`,
    );
  };
  return {
    url,
    kind: 'url',
    label: `Postgres at ${new URL(url).host} (CUSTOMERS_DATABASE_URL)`,
    stop: refuse('stop'),
    start: refuse('start'),
    close: async () => {},
  };
}
