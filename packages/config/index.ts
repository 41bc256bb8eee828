export * from './config.ts';
export { ConfigError } from './error.ts';
export { defineConfig, type SwitchyardConfig } from './schema.ts';
export type { BotCondition, BotConfig, BotOffer, BotRule, ReplyFacts } from './schema-bot.ts';
export type { CrmConfig, LeadFacts } from './schema-crm.ts';
export type { IngressSettings } from './schema-ingress.ts';
export type { Assignment, RoutingConfig, RoutingFacts, RoutingRule, RoutingTest } from './schema-routing.ts';
export type { SourceConfig } from './schema-sources.ts';
