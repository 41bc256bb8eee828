import { ConfigError } from '@switchyard/config';
import type { Reference } from '@switchyard/jobs';

/** @throws {ConfigError} for each team that is named, which without a user token nobody can look up. */
export function requireTeamIds(references: readonly Reference[]): void {
  const lines = references
    .filter(({ value }) => typeof value === 'string')
    .map(
      ({ setting }) => `${setting}: a team by name needs CHATWOOT_API_TOKEN; set it, or give the team's id`,
    );
  if (lines.length > 0) throw new ConfigError(lines);
}
