import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { KubernetesObject } from './testing-chart.ts';

const ROOT = join(import.meta.dirname, '../..');
/** Below a folder whose packages the files can import. */
const WORK = join(import.meta.dirname, '../node_modules/.cache');

/** Which package has the schema of what; made from Kubernetes' own OpenAPI document and the projects' CRDs. */
const packages: Readonly<Record<string, string>> = {
  v1: 'kubernetes-models/v1',
  'apps/v1': 'kubernetes-models/apps/v1',
  'policy/v1': 'kubernetes-models/policy/v1',
  'networking.k8s.io/v1': 'kubernetes-models/networking.k8s.io/v1',
  'gateway.networking.k8s.io/v1': '@kubernetes-models/gateway-api/gateway.networking.k8s.io/v1',
  'keda.sh/v1alpha1': '@kubernetes-models/keda/keda.sh/v1alpha1',
  'monitoring.coreos.com/v1': '@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1',
};

/**
 * What Kubernetes' schemas say against these objects: the type checker tells of fields that don't exist, and the
 * schemas of what is missing or has a wrong form. An empty text is a pass.
 */
export async function schemaFaults(objects: readonly KubernetesObject[]): Promise<string> {
  await mkdir(WORK, { recursive: true });
  const folder = await mkdtemp(join(WORK, 'chart-'));
  try {
    const file = join(folder, 'objects.mjs');
    await writeFile(file, objects.map(statement).join(''));
    const options = ['--noEmit', '--allowJs', '--checkJs', '--strict', '--skipLibCheck', '--ignoreConfig'];
    const settings = ['--target', 'esnext', '--module', 'nodenext', '--types', '', '--pretty', 'false'];
    const tsc = join(ROOT, 'node_modules/.bin/tsc');
    const told = await Promise.all([
      output(tsc, [...options, ...settings, file]),
      output(process.execPath, [file]),
    ]);
    return told.join('').replaceAll(folder, '');
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** One line makes one object and checks it, so that a line of the type checker's names the object. */
function statement({ apiVersion, kind, ...rest }: KubernetesObject, index: number): string {
  const from = packages[apiVersion];
  if (from === undefined) throw new Error(`no schema for ${apiVersion} ${kind}`);
  const model = `${kind}${index}`;
  const name = JSON.stringify(`${kind} ${rest.metadata.name}: `);
  return (
    `import { ${kind} as ${model} } from '${from}'; ` +
    `try { new ${model}(${JSON.stringify(rest)}).validate(); } ` +
    `catch (error) { console.log(${name} + String(error)); }\n`
  );
}

async function output(command: string, args: readonly string[]): Promise<string> {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr)]);
  return out + err;
}
