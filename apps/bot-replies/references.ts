import { type BotConfig, ConfigError } from '@switchyard/config';
import type { Reference } from '@switchyard/jobs';

/** Every team that the bot section names, for the check at start. */
export function botReferences({ rules }: BotConfig): Reference[] {
  return rules.flatMap(({ offer, handoff }, index) => [
    ...teamIn(offer?.handoff.team, `bot.rules[${index}].offer.handoff.team`),
    ...teamIn(handoff?.team, `bot.rules[${index}].handoff.team`),
  ]);
}

/** @throws {ConfigError} for each team that is named, which without a user token nobody can look up. */
export function requireTeamIds(references: readonly Reference[]): void {
  const lines = references
    .filter(({ value }) => typeof value === 'string')
    .map(
      ({ setting }) => `${setting}: a team by name needs CHATWOOT_API_TOKEN; set it, or give the team's id`,
    );
  if (lines.length > 0) throw new ConfigError(lines);
}

function teamIn(value: string | number | undefined, setting: string): Reference[] {
  return value === undefined ? [] : [{ kind: 'team', setting, value }];
}
