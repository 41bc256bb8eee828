import { setTimeout as sleep } from 'node:timers/promises';
import { CallFailure, type ChatwootClient } from '@switchyard/chatwoot';
import { ConfigError } from '@switchyard/config';
import type { DependencyHealth, Logger, Metrics } from '@switchyard/telemetry';
import { DIRECTORY_UNKNOWN, type Directory, type Reference } from './directory.ts';
import { holdReason } from './hold-reason.ts';
import { createWorkerMetrics, showQueue } from './worker-metrics.ts';

export interface DirectoryCheck {
  /** Whose work waits for it. */
  readonly queue: string;
  readonly metrics: Metrics;
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
 * away, or refuses the token, the account or the address, it waits, not ready, for as long as it takes, and a refusal
 * counts and alarms as in a queue that holds.
 *
 * @throws {ConfigError} a line for each reference that is not there, or where the token may not ask.
 */
export async function checkDirectory(check: DirectoryCheck): Promise<void> {
  const { queue, metrics, health, log, baseMs = 1_000 } = check;
  const measured = createWorkerMetrics(metrics);
  showQueue(measured, queue);
  const { holds } = measured;
  for (let waitMs = baseMs; ; waitMs = Math.min(waitMs * 2, LONGEST_WAIT_MS)) {
    try {
      const wrong = await findUnknown(check);
      if (wrong.length > 0) throw new ConfigError(wrong);
      return health.ready();
    } catch (error) {
      if (!(error instanceof CallFailure)) throw error;
      if (error.failure === 'permanent') throw new ConfigError([error.message]);
      health.notReady(`teams and agents not checked yet: ${error.message}`);
      if (error.failure === 'refused') {
        holds.inc({ queue, reason: holdReason(error) });
        log.error({ err: error, delayMs: waitMs }, 'Chatwoot refuses us; waiting until somebody mends that');
      } else {
        log.warn({ err: error, delayMs: waitMs }, 'Chatwoot is away or in trouble; waiting for it');
      }
    }
    await sleep(waitMs);
  }
}

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
