import { resolve } from 'node:path';
import type { Environment } from '@switchyard/testkit';

export interface LineAddresses {
  readonly root: string;
  readonly redisUrl: string;
  readonly databaseUrl: string;
  readonly chatwootUrl: string;
  readonly apiToken: string;
  readonly botToken: string;
  readonly webhookSecret: string;
  readonly crmUrl: string;
  readonly crmApiKey: string;
  readonly spoolDir: string;
  readonly ingressPort: number;
}

/** What every app of design.md §4 may read, whatever the visitor's own shell has set. */
export function appEnvironment(own: Environment, line: LineAddresses): Environment {
  const { CONCURRENCY: _, ...inherited } = own;
  return {
    ...inherited,
    SWITCHYARD_CONFIG: configFile(own, line.root),
    REDIS_URL: line.redisUrl,
    CUSTOMERS_DATABASE_URL: line.databaseUrl,
    CHATWOOT_BASE_URL: line.chatwootUrl,
    CHATWOOT_API_TOKEN: line.apiToken,
    CHATWOOT_BOT_TOKEN: line.botToken,
    CHATWOOT_WEBHOOK_SECRET: line.webhookSecret,
    CRM_URL: line.crmUrl,
    CRM_API_KEY: line.crmApiKey,
    HOST: '127.0.0.1',
    PORT: String(line.ingressPort),
    SPOOL_DIR: line.spoolDir,
    SHUTDOWN_TIMEOUT_MS: '2000',
    LOG_LEVEL: 'info',
  };
}

/** The visitor's own config, or the example at the root. */
export function configFile(own: Environment, root: string): string {
  const given = own.SWITCHYARD_CONFIG?.trim();
  return given === undefined || given === '' ? resolve(root, 'switchyard.config.ts') : resolve(given);
}
