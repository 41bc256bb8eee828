import { spawnSync } from 'node:child_process';
import { importFaults } from './import-directions.ts';

/** `npm run check`: format, lint, types, dead code, import directions. Runs all of them, then says what failed. */
const checks: readonly { readonly name: string; readonly run: () => boolean }[] = [
  { name: 'format and lint', run: () => tool('biome', ['check', '--error-on-warnings', '.']) },
  { name: 'types', run: () => tool('tsc', ['-p', 'tsconfig.json']) },
  { name: 'dead code', run: () => tool('knip', ['--no-progress']) },
  { name: 'import directions', run: importDirections },
];

const failed = checks.filter(({ name, run }) => {
  const startedAt = performance.now();
  const ok = run();
  process.stdout.write(
    `${ok ? 'ok    ' : 'FAILED'} ${name} (${Math.round(performance.now() - startedAt)} ms)\n`,
  );
  return !ok;
});
process.exitCode = failed.length === 0 ? 0 : 1;

function tool(name: string, args: readonly string[]): boolean {
  return spawnSync(`node_modules/.bin/${name}`, args, { stdio: 'inherit' }).status === 0;
}

function importDirections(): boolean {
  const faults = importFaults(process.cwd());
  for (const fault of faults) process.stdout.write(`${fault}\n`);
  return faults.length === 0;
}
