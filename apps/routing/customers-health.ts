import { setTimeout as sleep } from 'node:timers/promises';
import type { DependencyHealth, Logger, Running } from '@switchyard/telemetry';
import type { Customers } from './customers.ts';

export interface CustomersWatch {
  readonly customers: Pick<Customers, 'ping'>;
  readonly health: DependencyHealth;
  readonly log: Logger;
  readonly everyMs?: number;
}

/**
 * Asks the customers database now and then whether it is there, for `/readyz`. A database that is down at start
 * stops nothing: jobs that need it are held until it is back.
 */
export function watchCustomers({ customers, health, log, everyMs = 10_000 }: CustomersWatch): Running {
  const stopping = new AbortController();
  let known: 'up' | 'down' | null = null;

  async function watch(): Promise<void> {
    while (!stopping.signal.aborted) {
      try {
        await customers.ping();
        health.ready();
        if (known === 'down') log.info('the customers database is back');
        known = 'up';
      } catch (error) {
        health.notReady(error instanceof Error ? error.message : 'does not answer');
        if (known !== 'down') log.warn({ err: error }, 'the customers database is away');
        known = 'down';
      }
      await sleep(everyMs, undefined, { signal: stopping.signal }).catch(() => undefined);
    }
  }

  const watching = watch();
  return {
    async close() {
      stopping.abort();
      await watching;
    },
  };
}
