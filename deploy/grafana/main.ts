import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { dashboardFiles } from './dashboards.ts';

/** Writes the dashboards to deploy/grafana/dashboards: `node scripts/run.mjs deploy/grafana/main.ts`. */
const folder = join(import.meta.dirname, 'dashboards');
const files = dashboardFiles();
await mkdir(folder, { recursive: true });
for (const name of await readdir(folder)) {
  if (!files.has(name)) await rm(join(folder, name));
}
for (const [name, text] of files) await writeFile(join(folder, name), text);
process.stdout.write(`${files.size} dashboards in ${folder}\n`);
