import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import { overview } from './overview.ts';
import { processAndRedis } from './process-and-redis.ts';
import { queue } from './queue.ts';

/** Every dashboard as the file it is committed as: name → content. */
export function dashboardFiles(): ReadonlyMap<string, string> {
  return new Map(
    [overview(), queue(), processAndRedis()].map((dashboard) => [
      `${(dashboard.uid ?? '').replace('switchyard-', '')}.json`,
      textOf(dashboard),
    ]),
  );
}

function textOf(dashboard: Dashboard): string {
  return `${JSON.stringify(dashboard, null, 2)}\n`;
}
