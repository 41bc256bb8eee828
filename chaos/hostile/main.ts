import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startRedis } from '@switchyard/testkit';
import type { AttackName } from './attacks.ts';
import { besiege } from './besieged.ts';
import { type Siege, siege } from './siege.ts';

/**
 * `npm run hostile -- [--attack NAME]... [--seconds 15] [--write]`: does to a real ingress what strangers can do, each
 * with a fresh process, while 20 signed deliveries a second are sent. Exit code 1 when one of these is not answered
 * 200, is too slow, or memory grows beyond what containers are given. `--write` puts the table into
 * docs/reliability.md. Needs about 11,000 open files (`ulimit -n`).
 */
const { values } = parseArgs({
  options: {
    attack: { type: 'string', multiple: true, default: [] },
    seconds: { type: 'string', default: '15' },
    write: { type: 'boolean', default: false },
  },
});

/** The memory of an ingress in compose and Helm. */
const MEMORY_LIMIT_MB = 512;
const P99_LIMIT_MS = 1_000;

const sizes: readonly (readonly [AttackName, size: number, what: string])[] = [
  ['unfinished-bodies', 120, 'connections with 5 MB of a forged body that never ends'],
  ['unsigned-bodies', 120, 'the same without a signature'],
  ['crumbs', 200, 'connections whose body comes in single bytes, 2,000 a second each'],
  ['slow-bodies', 2_000, 'connections with a byte of a body each second'],
  ['slow-headers', 2_000, 'connections with a byte of a header each second'],
  ['idle-connections', 10_050, 'connections that ask for `/` and stay'],
  ['silent-connections', 10_050, 'connections that say nothing'],
  ['unsigned-requests', 100_000, 'requests without a signature'],
  ['forged-requests', 50_000, 'requests with a forged one and 4 kB'],
  ['gzip', 20_000, 'requests with a compressed body'],
];
const chosen = sizes.filter(([name]) => values.attack.length === 0 || values.attack.includes(name));

const redis = await startRedis({ owned: true });
const rows: string[] = [];
let failed = false;
try {
  for (const [name, size, what] of chosen) {
    const ingress = await besiege(redis.url);
    try {
      const seen = await siege(ingress, name, size, Number(values.seconds) * 1_000);
      const holds = seen.lost.length === 0 && seen.p99Ms < P99_LIMIT_MS && seen.peakMb < MEMORY_LIMIT_MB;
      failed ||= !holds;
      rows.push(rowOf(what, seen));
      process.stdout.write(
        `${holds ? 'held' : 'FAILED'}: ${name}: ${rows.at(-1)} ${seen.lost.slice(0, 3)}\n`,
      );
    } finally {
      await ingress.close();
    }
  }
} finally {
  await redis.close();
}
if (values.write) await writeTable();
process.exitCode = failed ? 1 : 0;

function rowOf(what: string, seen: Siege): string {
  const figures = [
    seen.seconds,
    seen.sent,
    seen.lost.length,
    seen.p99Ms,
    seen.beforeMb,
    seen.peakMb,
    seen.cpuSeconds,
  ];
  return `| ${seen.size.toLocaleString('en')} ${what} | ${figures.join(' | ')} |`;
}

async function writeTable(): Promise<void> {
  const path = join(import.meta.dirname, '../../docs/reliability.md');
  const page = await readFile(path, 'utf8');
  const table = [
    '| strangers | seconds | signed deliveries | not answered 200 | p99, ms | memory before, MB | at most, MB | processor, s |',
    `| --- |${' ---: |'.repeat(7)}`,
    ...rows,
  ].join('\n');
  const told = `\`npm run hostile -- --seconds ${values.seconds} --write\`, ${new Date().toISOString().slice(0, 10)}, Node ${process.versions.node}:`;
  await writeFile(
    path,
    page.replace(
      /(<!-- hostile:begin -->\n)[\s\S]*(<!-- hostile:end -->)/,
      (_all, begin: string, end: string) => `${begin}${told}\n\n${table}\n${end}`,
    ),
  );
}
