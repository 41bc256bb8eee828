import type { Env } from './env.ts';
import { ConfigError } from './error.ts';
import type { FileConfig } from './schema.ts';
import type { RoutingConfig } from './schema-routing.ts';
import type { SourceConfig } from './schema-sources.ts';

// What the environment and the config file say together, for all who read both.

/** The source that CHATWOOT_UNSIGNED_TOKEN makes: the default one's deliveries, where they are not signed. */
export const UNSIGNED_SOURCE = 'unsigned';

/**
 * CHATWOOT_WEBHOOK_SECRET is the `default` source; the file may name more, or describe `default` itself.
 *
 * @throws {ConfigError} CHATWOOT_ACCOUNT and the file name two accounts for it.
 */
export function sourcesIn(env: Env, file: FileConfig): Record<string, SourceConfig> {
  const secrets = env.CHATWOOT_WEBHOOK_SECRET;
  const fallback: Record<string, SourceConfig> =
    secrets === undefined ? {} : { [DEFAULT_SOURCE]: { kind: 'account', secrets } };
  const token = env.CHATWOOT_UNSIGNED_TOKEN;
  if (token !== undefined) fallback[UNSIGNED_SOURCE] = { kind: 'account', unsigned: { token } };
  const accounts = sourceAccountsIn(env, file);
  return Object.fromEntries(
    Object.entries({ ...fallback, ...file.sources }).map(([name, source]) => {
      const account = accounts[name] ?? null;
      return [name, account === null ? source : { ...source, account }];
    }),
  );
}

/**
 * The account of each source, null for one that names none. Workers ask for a source by its name without knowing
 * its secrets, so those that the environment can make are always there.
 *
 * @throws {ConfigError} as `sourcesIn`.
 */
export function sourceAccountsIn(env: Env, file: FileConfig): Record<string, number | null> {
  const named = Object.entries(file.sources ?? {}).map(([name, { account }]) => [name, account ?? null]);
  const ofDefault = defaultAccount(env, file);
  return { [UNSIGNED_SOURCE]: ofDefault, ...Object.fromEntries(named), [DEFAULT_SOURCE]: ofDefault };
}

const DEFAULT_SOURCE = 'default';

function defaultAccount(env: Env, file: FileConfig): number | null {
  const inFile = file.sources?.[DEFAULT_SOURCE]?.account;
  const inEnv = env.CHATWOOT_ACCOUNT;
  if (inFile !== undefined && inEnv !== undefined && inFile !== inEnv) {
    throw new ConfigError([
      `CHATWOOT_ACCOUNT: is ${inEnv}, and sources.default.account in the config file is ${inFile}; a source has one ` +
        'account, so take one of them away',
    ]);
  }
  return inFile ?? inEnv ?? null;
}

/** A queue is used when its section is there and has something in it; with no config file at all, all of them are. */
export function queuesOf(env: Env, file: FileConfig, path: string | null): string[] {
  const all = path === null;
  return [
    ...(all || file.crm !== undefined || env.CRM_URL !== undefined ? ['crm-sync'] : []),
    ...(all || file.bot !== undefined ? ['bot-replies'] : []),
    ...(all || !hasNothingToRoute(file.routing) ? ['routing'] : []),
    // What the healer does for a bot that does not.
    ...(all || file.bot !== undefined ? ['handover'] : []),
    ...Object.keys(file.workers),
  ];
}

export function hasNothingToRoute(routing: RoutingConfig | undefined): boolean {
  return routing === undefined || (routing.rules.length === 0 && routing.otherwise === undefined);
}
