import type { Env } from './env.ts';
import type { FileConfig } from './schema.ts';
import type { RoutingConfig } from './schema-routing.ts';
import type { SourceConfig } from './schema-sources.ts';

// What the environment and the config file say together, for all who read both.

/** The source that CHATWOOT_UNSIGNED_TOKEN makes: the default one's deliveries, where they are not signed. */
export const UNSIGNED_SOURCE = 'unsigned';

/** CHATWOOT_WEBHOOK_SECRET is the `default` source; the file may name more, or describe `default` itself. */
export function sourcesIn(env: Env, file: FileConfig): Record<string, SourceConfig> {
  const secrets = env.CHATWOOT_WEBHOOK_SECRET;
  const fallback: Record<string, SourceConfig> =
    secrets === undefined ? {} : { default: { kind: 'account', secrets } };
  const token = env.CHATWOOT_UNSIGNED_TOKEN;
  if (token !== undefined) fallback[UNSIGNED_SOURCE] = { kind: 'account', unsigned: { token } };
  return { ...fallback, ...file.sources };
}

/** A queue is used when its section is there and has something in it; with no config file at all, all of them are. */
export function queuesOf(env: Env, file: FileConfig, path: string | null): string[] {
  const all = path === null;
  return [
    ...(all || file.crm !== undefined || env.CRM_URL !== undefined ? ['crm-sync'] : []),
    ...(all || file.bot !== undefined ? ['bot-replies'] : []),
    ...(all || !hasNothingToRoute(file.routing) ? ['routing'] : []),
    ...Object.keys(file.workers),
  ];
}

export function hasNothingToRoute(routing: RoutingConfig | undefined): boolean {
  return routing === undefined || (routing.rules.length === 0 && routing.otherwise === undefined);
}
