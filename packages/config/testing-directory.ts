import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** A folder for one test with these files in it; gone when the test is over. */
export function directoryWith(
  files: Readonly<Record<string, string>>,
): AsyncDisposable & { readonly path: string } {
  const path = mkdtempSync(join(tmpdir(), 'switchyard-config-'));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(path, name)), { recursive: true });
    writeFileSync(join(path, name), text);
  }
  return { path, [Symbol.asyncDispose]: async () => rmSync(path, { recursive: true }) };
}
