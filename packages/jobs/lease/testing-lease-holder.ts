import { createLogger } from '@switchyard/telemetry';
import { connectRedis } from '../redis.ts';
import { createLease } from './lease.ts';

/** A process that wants a lease and says when it has it and when it has lost it. `REDIS_URL`, `TTL_MS`. */
const redis = connectRedis({
  url: process.env.REDIS_URL ?? '',
  log: createLogger({ app: 'test', level: 'silent' }),
  temper: 'prompt',
});
createLease({
  redis,
  name: 'healer',
  owner: `process ${process.pid}`,
  ttlMs: Number(process.env.TTL_MS),
  onChange: ({ holding }) => process.stdout.write(holding === null ? 'lost\n' : 'held\n'),
});
