import { setTimeout as sleep } from 'node:timers/promises';
import { CallFailure, type ChatwootClient } from '@switchyard/chatwoot';
import { ConfigError } from '@switchyard/config';
import type { DependencyHealth, Logger } from '@switchyard/telemetry';
import { DIRECTORY_UNKNOWN, type Directory, type Reference } from './directory.ts';

export interface DirectoryCheck {
  readonly client: Pick<ChatwootClient, 'profile'>;
  readonly directory: Directory;
  /** Accounts to check; null for all that the token can see. */
  readonly accounts: readonly number[] | null;
  readonly references: readonly Reference[];
  readonly health: DependencyHealth;
  readonly log: Logger;
  /** The first wait between two tries; each further one is twice as long, up to half a minute. */
  readonly baseMs?: number;
}

const LONGEST_WAIT_MS = 30_000;

/**
 * Holds every team and agent that the config names against Chatwoot, before any work begins. While Chatwoot is
 * away, or the account suspended, it waits, not ready, for as long as it takes. A process that has never worked has
 * nothing to hold, so a token that Chatwoot does not know is a wrong setting here; while it runs, its queue holds.
 *
 * @throws {ConfigError} a line for each reference that is not there, or for a token or address that is wrong.
 */
export async function checkDirectory(check: DirectoryCheck): Promise<void> {
  const { health, log, baseMs = 1_000 } = check;
  for (let waitMs = baseMs; ; waitMs = Math.min(waitMs * 2, LONGEST_WAIT_MS)) {
    try {
      const wrong = await findUnknown(check);
      if (wrong.length > 0) throw new ConfigError(wrong);
      return health.ready();
    } catch (error) {
      if (!(error instanceof CallFailure)) throw error;
      if (isWrongSetting(error)) throw new ConfigError([error.message]);
      health.notReady(`teams and agents not checked yet: ${error.message}`);
      log.warn({ err: error, delayMs: waitMs }, 'Chatwoot is away or refuses the account; waiting for it');
    }
    await sleep(waitMs);
  }
}

/** Of what is refused, a suspended account and a plan without API are not ours to set. */
function isWrongSetting({ failure, code }: CallFailure): boolean {
  return failure === 'permanent' || WRONG_SETTINGS.has(code);
}

const WRONG_SETTINGS: ReadonlySet<string> = new Set(['CHATWOOT_UNAUTHORIZED', 'CHATWOOT_REDIRECTED']);

async function findUnknown({ client, directory, accounts, references }: DirectoryCheck): Promise<string[]> {
  if (references.length === 0) return [];
  const lines: string[] = [];
  for (const account of accounts ?? (await client.profile()).accounts.map(({ id }) => id)) {
    for (const reference of references) {
      try {
        await directory.resolve(account, reference);
      } catch (error) {
        if (!(error instanceof CallFailure && error.code === DIRECTORY_UNKNOWN)) throw error;
        lines.push(error.message);
      }
    }
  }
  return lines;
}
