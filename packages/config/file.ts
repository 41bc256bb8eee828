import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { extname, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseDocument } from 'yaml';
import { ConfigError } from './error.ts';
import { issueLines } from './issues.ts';
import { type FileConfig, fileSchema } from './schema.ts';
import { settingsAt } from './settings.ts';

/** The operator's own, which no version of Switchyard has among its files, and the example that comes with it. */
const DEFAULT_PATHS = ['config/switchyard.config.ts', 'switchyard.config.ts'];

export interface LoadedFile {
  /** As given, but for a leading `./`; null when there is none. */
  readonly path: string | null;
  readonly config: FileConfig;
}

/**
 * Reads and checks the config file: TypeScript, JavaScript, JSON or YAML. Where none is named, the first of the
 * default ones that is there, or an empty one; a missing file that was named is an error.
 *
 * @throws {ConfigError} naming the file and, for each fault, the path in it.
 */
export async function loadFile(named: string | undefined, cwd: string): Promise<LoadedFile> {
  const given = named ?? DEFAULT_PATHS.find((each) => existsSync(resolve(cwd, each)));
  if (given === undefined) return { path: null, config: fileSchema.parse({}) };
  const path = given.replace(/^\.\/+/, '');
  const absolute = resolve(cwd, path);
  if (!existsSync(absolute)) throw new ConfigError([`SWITCHYARD_CONFIG: no file at ${absolute}`]);
  const raw = await read(absolute, path);
  const checked = fileSchema.safeParse(raw, { reportInput: true });
  if (!checked.success) throw new ConfigError(issueLines(checked.error, `${path}: `, settingsAt));
  return { path, config: checked.data };
}

async function read(absolute: string, path: string): Promise<unknown> {
  switch (extname(absolute)) {
    case '.ts':
    case '.mts':
    case '.js':
    case '.mjs':
      return readModule(absolute, path);
    case '.json':
      return parseJson(await readText(absolute, path), path);
    case '.yaml':
    case '.yml':
      return parseYaml(await readText(absolute, path), path);
    default:
      throw new ConfigError([`SWITCHYARD_CONFIG: ${path}: expected a .ts, .js, .json or .yaml file`]);
  }
}

async function readModule(absolute: string, path: string): Promise<unknown> {
  let module: unknown;
  try {
    module = await import(pathToFileURL(absolute).href);
  } catch (error) {
    throw new ConfigError([`${path}: can't be read: ${moduleFault(error, absolute)}`]);
  }
  if (typeof module === 'object' && module !== null && 'default' in module) return module.default;
  throw new ConfigError([`${path}: has no default export; write: export default defineConfig({ ... })`]);
}

/** Node puts the place of a syntax error into the stack's first line, as `/path/to/file.ts:3`. */
function moduleFault(error: unknown, absolute: string): string {
  if (!(error instanceof Error)) return String(error);
  const message = error.message.split('\n')[0] ?? '';
  if (/'@switchyard\/(config|jobs)'/.test(message)) {
    return `${message}; a config file outside Switchyard's folder exports the plain object, without defineConfig and defineWorker`;
  }
  const [, file, line] = /^(\S.*):(\d+)$/.exec(error.stack?.split('\n')[0] ?? '') ?? [];
  if (file === undefined || line === undefined) return message;
  return file === absolute ? `line ${line}: ${message}` : `${file} line ${line}: ${message}`;
}

async function readText(absolute: string, path: string): Promise<string> {
  try {
    return await readFile(absolute, 'utf8');
  } catch (error) {
    throw new ConfigError([`${path}: can't be read: ${error instanceof Error ? error.message : 'unknown'}`]);
  }
}

/** JSON's own error quotes the text around the fault, which may be a secret; only the place is told. */
function parseJson(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    const place = parseDocument(text, { schema: 'json' }).errors[0]?.linePos?.[0];
    const where = place === undefined ? '' : ` near line ${place.line}, column ${place.col}`;
    throw new ConfigError([`${path}: can't be read: not valid JSON${where}`]);
  }
}

/** A file of comments only is an empty one. */
function parseYaml(text: string, path: string): unknown {
  const document = parseDocument(text);
  const fault = document.errors[0] ?? document.warnings[0];
  if (fault === undefined) return document.toJS() ?? {};
  const firstLine = fault.message.split('\n')[0] ?? '';
  throw new ConfigError([`${path}: can't be read: ${firstLine.replace(/:$/, '')}`]);
}
