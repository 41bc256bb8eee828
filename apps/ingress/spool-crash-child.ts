// A process that spools until it is killed: it writes each id to standard output once it is acknowledged.
import { writeSync } from 'node:fs';
import { createLogger } from '@switchyard/telemetry';
import { openSpool } from './spool.ts';
import { deliveryNamed, idsOf } from './testing-deliveries.ts';

const [dir = '', life = '0'] = process.argv.slice(2);
const log = createLogger({ app: 'test', level: 'silent' });
const spool = await openSpool({ dir, log, segmentBytes: 64 * 1024 });
let drains = 0;
for (let next = 0; ; ) {
  const batch = Array.from({ length: 1 + (next % 7) }, (_, index) =>
    deliveryNamed(`${life}-${next + index}`, 1, 'x'.repeat(200)),
  );
  next += batch.length;
  await spool.append(batch);
  writeSync(
    1,
    `${idsOf(batch)
      .map((id) => `+${id}\n`)
      .join('')}`,
  );
  // Now and then some are drained, so that a kill also meets the cursor and the removal of segments.
  drains += 1;
  if (drains % 5 !== 0) continue;
  const read = await spool.read(30);
  writeSync(
    1,
    `${idsOf(read)
      .map((id) => `-${id}\n`)
      .join('')}`,
  );
  await spool.drained(read.length);
  if (drains % 20 === 0) await spool.checkpoint();
}
