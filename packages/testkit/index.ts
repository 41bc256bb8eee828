export { emptyRedis } from './empty-redis.ts';
export * from './fake-chatwoot/index.ts';
export { type CollectedSpan, type FakeCollector, startFakeCollector } from './fake-collector.ts';
export * from './fake-crm/index.ts';
export * from './fixtures.ts';
export { type App, type AppName, type Line, type LineOptions, layLine } from './line.ts';
export * from './services/index.ts';
