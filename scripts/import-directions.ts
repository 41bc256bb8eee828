import { globSync, readFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';

/**
 * Which package may import which (design.md §2): apps import packages and never each other; among packages only
 * these; nothing that ships imports the testkit. Tests and `testing-*` files ship with nobody.
 */
const PACKAGES: Readonly<Record<string, readonly string[]>> = {
  chatwoot: [],
  telemetry: [],
  config: [],
  jobs: ['chatwoot', 'telemetry', 'config'],
  testkit: ['chatwoot'],
};

/** The sandbox shows the line against the testkit's fakes and is itself never shipped. */
const NOT_SHIPPED = new Set(['apps/sandbox', 'packages/testkit', 'bench', 'chaos']);

const IMPORT =
  /(?:^|[^\w.])(?:import|export)\s(?:[^'"();]*?\sfrom\s)?['"]([^'"]+)['"]|import\(\s*['"]([^'"]+)['"]\s*\)/gm;

/** One line for every import that points the wrong way, with the file it stands in. */
export function importFaults(root: string): string[] {
  const files = globSync('{apps,packages,bench,chaos}/**/*.{ts,mts,js,mjs}', {
    cwd: root,
    exclude: (path) => path.includes('node_modules'),
  });
  return files.toSorted().flatMap((file) => {
    const source = readFileSync(join(root, file), 'utf8');
    return [...source.matchAll(IMPORT)].flatMap((match) => {
      const imported = match[1] ?? match[2];
      const fault = imported === undefined ? null : faultOf(file.replaceAll(sep, '/'), imported);
      return fault === null ? [] : [`${file}: ${fault}`];
    });
  });
}

/** Why this file may not import that, or null. */
export function faultOf(file: string, imported: string): string | null {
  const home = homeOf(file);
  if (imported.startsWith('.')) {
    const target = homeOf(relative('.', join(dirname(file), imported)).replaceAll(sep, '/'));
    return target === home
      ? null
      : `imports ${imported} across a package's border; import the package by its name`;
  }
  const name = /^@switchyard\/([^/]+)/.exec(imported)?.[1];
  if (name === undefined) return null;
  if (!(name in PACKAGES)) return `imports the app ${name}; apps are imported by nobody`;
  const forTests = /(^|\/)testing-[^/]*$|\.test\.ts$/.test(file);
  if (name === 'testkit') {
    return forTests || NOT_SHIPPED.has(home) ? null : 'imports the testkit, which never ships';
  }
  const [kind, own = ''] = home.split('/');
  if (kind !== 'packages' || forTests) return null;
  if (PACKAGES[own]?.includes(name) === true) return null;
  return `packages/${own} may not import ${name}; it may import: ${PACKAGES[own]?.join(', ') || 'nothing'}`;
}

function homeOf(file: string): string {
  const [first = '', second = ''] = file.split('/');
  return first === 'bench' || first === 'chaos' ? first : `${first}/${second}`;
}
