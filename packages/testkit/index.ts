export { emptyRedis } from './empty-redis.ts';
export * from './fake-chatwoot/index.ts';
export * from './fake-crm/index.ts';
export * from './fixtures.ts';
export * from './services/index.ts';
