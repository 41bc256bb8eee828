import { parseArgs } from 'node:util';
import { startRedis } from '@switchyard/testkit';
import { benchIngress, benchMemory, benchSteady } from './ingress.ts';
import { benchRedisMemory } from './memory.ts';
import { benchWorkers } from './workers.ts';

/**
 * `npm run bench`: everything side by side in one run, on one machine, with one load generator and one body.
 * Machines differ and are noisy, so what counts is the ratio to the reference of the same round.
 */
const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    memory: { type: 'boolean', default: false },
  },
});

const redis = await startRedis({ owned: true, appendonly: 'everysec' });
try {
  process.stdout.write(`Node ${process.versions.node}\n\n`);
  const { only } = values;
  if (values.memory) await benchMemory(redis);
  else {
    if (only === undefined || only === 'ingress') {
      await benchIngress(redis);
      await benchSteady(redis);
    }
    if (only === undefined || only === 'memory') await benchRedisMemory(redis);
    if (only === undefined || only === 'workers') await benchWorkers(redis);
  }
} finally {
  await redis.close();
}
