import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { findHelm } from '@switchyard/testkit';
import { parseAllDocuments } from 'yaml';
import { z } from 'zod';

const run = promisify(execFile);
export const chartFolder = join(import.meta.dirname, 'switchyard');

/** What every Kubernetes object has. */
export const objectSchema = z.looseObject({
  apiVersion: z.string(),
  kind: z.string(),
  metadata: z.looseObject({
    name: z.string(),
    labels: z.record(z.string(), z.string()).default({}),
  }),
});
export type KubernetesObject = z.output<typeof objectSchema>;

/**
 * What Helm makes of the chart with these values, under the release name `line` in the namespace `desk`.
 *
 * @throws {Error} with what Helm says is wrong with the values.
 */
export async function renderChart(values: unknown): Promise<readonly KubernetesObject[]> {
  const text = await helm(['template', 'line', chartFolder, '--namespace', 'desk'], values);
  return parseAllDocuments(text).flatMap((document) => {
    if ('errors' in document && document.errors[0] !== undefined) throw document.errors[0];
    const value: unknown = document.toJSON();
    return value === null ? [] : [objectSchema.parse(value)];
  });
}

/** What Helm tells the person who installs it. */
export async function renderNotes(values: unknown): Promise<string> {
  const args = ['install', 'line', chartFolder, '--namespace', 'desk', '--dry-run=client'];
  return (await helm(args, values)).split('NOTES:\n')[1] ?? '';
}

export function lintChart(values: unknown): Promise<string> {
  return helm(['lint', chartFolder, '--strict'], values);
}

async function helm(args: readonly string[], values: unknown): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'switchyard-chart-'));
  try {
    const file = join(folder, 'values.json');
    await writeFile(file, JSON.stringify(values));
    // A folder of its own, so that no cluster and no settings of whoever runs this are touched.
    const env = { PATH: process.env.PATH, HOME: folder, KUBECONFIG: join(folder, 'none') };
    const { stdout } = await run(await findHelm(), [...args, '--values', file], { env });
    return stdout;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
