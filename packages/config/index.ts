export { type CliConfig, type ConfigInspection, inspectConfig, loadCliConfig } from './cli.ts';
export * from './config.ts';
export { ConfigError } from './error.ts';
export { parseRedisUrl, type RedisAddress, type RedisNode } from './redis-url.ts';
export { defineConfig, type SwitchyardConfig } from './schema.ts';
export type {
  BotCondition,
  BotConfig,
  BotOffer,
  BotRule,
  ReplyFacts,
  UnansweredConfig,
} from './schema-bot.ts';
export type { CrmConfig, LeadFacts } from './schema-crm.ts';
export type { IngressSettings } from './schema-ingress.ts';
export { BUILT_IN_QUEUES } from './schema-queues.ts';
export type { Assignment, RoutingConfig, RoutingFacts, RoutingRule, RoutingTest } from './schema-routing.ts';
export type { SourceConfig } from './schema-sources.ts';
export type { CustomWorkerConfig, CustomWorkerEvent } from './schema-workers.ts';
export { EVENTS } from './schema-workers.ts';
export { UNSIGNED_SOURCE } from './sections.ts';
