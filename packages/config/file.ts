import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { extname, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parse as parseYaml } from 'yaml';
import { ConfigError } from './error.ts';
import { issueLines } from './issues.ts';
import { type FileConfig, fileSchema } from './schema.ts';

const DEFAULT_PATH = './switchyard.config.ts';

export interface LoadedFile {
  /** As given; null when there is none. */
  readonly path: string | null;
  readonly config: FileConfig;
}

/**
 * Reads and checks the config file: TypeScript, JavaScript, JSON or YAML. A missing default file is an empty
 * one; a missing file that was named is an error.
 *
 * @throws {ConfigError} naming the file and, for each fault, the path in it.
 */
export async function loadFile(named: string | undefined, cwd: string): Promise<LoadedFile> {
  const path = named ?? DEFAULT_PATH;
  const absolute = resolve(cwd, path);
  if (!existsSync(absolute)) {
    if (named === undefined) return { path: null, config: fileSchema.parse({}) };
    throw new ConfigError([`SWITCHYARD_CONFIG: no file at ${path}`]);
  }
  const raw = await read(absolute, path);
  const checked = fileSchema.safeParse(raw);
  if (!checked.success) throw new ConfigError(issueLines(checked.error, `${path}: `));
  return { path, config: checked.data };
}

async function read(absolute: string, path: string): Promise<unknown> {
  const type = extname(absolute);
  try {
    switch (type) {
      case '.ts':
      case '.mts':
      case '.js':
      case '.mjs':
        return await readModule(absolute, path);
      case '.json':
        return JSON.parse(await readFile(absolute, 'utf8'));
      case '.yaml':
      case '.yml':
        return parseYaml(await readFile(absolute, 'utf8'));
      default:
        throw new ConfigError([`SWITCHYARD_CONFIG: ${path}: use a .ts, .js, .json or .yaml file`]);
    }
  } catch (error) {
    if (error instanceof ConfigError) throw error;
    const reason = error instanceof Error ? error.message.split('\n')[0] : String(error);
    throw new ConfigError([`${path}: can't be read: ${reason}`]);
  }
}

async function readModule(absolute: string, path: string): Promise<unknown> {
  const module: unknown = await import(pathToFileURL(absolute).href);
  if (typeof module === 'object' && module !== null && 'default' in module) return module.default;
  throw new ConfigError([`${path}: has no default export; write: export default defineConfig({ ... })`]);
}
