import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ConfigError } from './error.ts';
import { loadFile } from './file.ts';
import { directoryWith } from './testing-directory.ts';

const JSON_TEXT = '{ "crm": { "url": "https://crm.example.com/leads", "timeoutMs": 500 } }';

describe('the config file', () => {
  it.each([
    ['switchyard.config.ts', `const crm: object = ${JSON_TEXT}.crm;\nexport default { crm };`],
    ['config.mts', `export default ${JSON_TEXT}`],
    ['config.js', `export default ${JSON_TEXT}`],
    ['config.mjs', `export default ${JSON_TEXT}`],
    ['config.json', JSON_TEXT],
    ['config.yaml', 'crm:\n  url: https://crm.example.com/leads # ours\n  timeoutMs: 500\n'],
    ['config.yml', JSON_TEXT],
  ])('may be %s', async (name, text) => {
    await using folder = directoryWith({ [name]: text });
    const { path, config } = await loadFile(`./${name}`, folder.path);
    expect(path).toBe(name);
    expect(config.crm).toMatchObject({ url: 'https://crm.example.com/leads', timeoutMs: 500, idPath: 'id' });
  });

  it("is the operator's own in config/, before the example that is tracked, where none is named", async () => {
    await using folder = directoryWith({
      'switchyard.config.ts': 'export default { dedupe: { hours: 1 } }',
      'config/switchyard.config.ts': 'export default { dedupe: { hours: 2 } }',
    });
    expect(await loadFile(undefined, folder.path)).toMatchObject({
      path: 'config/switchyard.config.ts',
      config: { dedupe: { hours: 2 } },
    });
  });

  it('is found at switchyard.config.ts where none is named', async () => {
    await using folder = directoryWith({ 'switchyard.config.ts': 'export default { dedupe: { hours: 1 } }' });
    expect(await loadFile(undefined, folder.path)).toMatchObject({
      path: 'switchyard.config.ts',
      config: { dedupe: { hours: 1 } },
    });
  });

  it('need not be there, unless it is named', async () => {
    await using folder = directoryWith({});
    expect(await loadFile(undefined, folder.path)).toMatchObject({
      path: null,
      config: { dedupe: { hours: 72 }, chatwoot: { timeoutMs: 10_000 } },
    });
    expect(await linesOf('./nope.yaml', folder.path)).toEqual([
      `SWITCHYARD_CONFIG: no file at ${join(folder.path, 'nope.yaml')}`,
    ]);
  });

  it('may be an empty YAML file, or one of comments only', async () => {
    await using folder = directoryWith({ 'a.yaml': '', 'b.yaml': '# crm:\n#   url: x\n' });
    expect((await loadFile('a.yaml', folder.path)).config.crm).toBeUndefined();
    expect((await loadFile('b.yaml', folder.path)).config.crm).toBeUndefined();
  });

  it.each([
    ['a.toml', 'x = 1', 'SWITCHYARD_CONFIG: a.toml: expected a .ts, .js, .json or .yaml file'],
    [
      'a.json',
      '{ "crm": {\n "apiKey": hunter22 } }',
      "a.json: can't be read: not valid JSON near line 2, column 12",
    ],
    ['b.json', '{ "crm": ', "b.json: can't be read: not valid JSON near line 1, column 10"],
    ['c.json', '', "c.json: can't be read: not valid JSON"],
    ['d.json', '[]', 'd.json: expected object, received array'],
    ['e.json', 'null', 'e.json: expected object, received null'],
    ['a.yaml', 'crm:\n  url: "x', 'a.yaml: can\'t be read: Missing closing "quote at line 2, column 10'],
    ['b.yaml', 'crm: !env CRM', "b.yaml: can't be read: Unresolved tag: !env at line 1, column 6"],
    [
      'c.yaml',
      'crm: {}\n---\nbot: {}\n',
      "c.yaml: can't be read: Source contains multiple documents; please use YAML.parseAllDocuments() at line 2, column 1",
    ],
    ['d.yaml', 'just text', 'd.yaml: expected object, received string'],
  ])('%s with %j is told in one line', async (name, text, line) => {
    await using folder = directoryWith({ [name]: text });
    expect(await linesOf(name, folder.path)).toEqual([line]);
  });

  it('is told in one line when it is a folder', async () => {
    await using folder = directoryWith({});
    await using _inner = directoryWith({});
    expect(await linesOf('.', folder.path)).toEqual([
      'SWITCHYARD_CONFIG: .: expected a .ts, .js, .json or .yaml file',
    ]);
  });

  // In a process of their own: vitest has its own way with modules.
  it.each([
    ['syntax.ts', 'export default {\n  bot: { rules: [ }\n}', "can't be read: line 2: Expression expected"],
    [
      'enum.ts',
      'export default {}\nenum A { x }',
      "can't be read: line 2: TypeScript enum is not supported in strip-only mode",
    ],
    ['syntax.js', 'export default {{', "can't be read: Unexpected token '{'"],
    [
      'named.ts',
      'export const config = {}',
      'has no default export; write: export default defineConfig({ ... })',
    ],
    ['throws.ts', "throw new Error('no region set')", "can't be read: no region set"],
    [
      'imports.ts',
      "import { defineConfig } from '@switchyard/config'; export default defineConfig({})",
      /^can't be read: Cannot find package '@switchyard\/config' imported from .*; a config file outside Switchyard's folder exports the plain object, without defineConfig and defineWorker$/,
    ],
  ])('%s that is faulty is told in one line', async (name, text, line) => {
    await using folder = directoryWith({ [name]: text });
    const said = saidByProcess(name, folder.path);
    expect(said.startsWith(`${name}: `)).toBe(true);
    if (typeof line === 'string') expect(said).toBe(`${name}: ${line}`);
    else expect(said.slice(`${name}: `.length)).toMatch(line);
  });

  it('keeps functions that stand in place of data', async () => {
    await using folder = directoryWith({
      'switchyard.config.ts': `export default {
        crm: { fields: { plan: (facts) => facts.contact.custom.plan } },
        bot: { rules: [{ when: () => true, reply: ({ text }: { text: string }) => text.toUpperCase() }] },
        routing: { rules: [{ when: (facts) => facts.customer === null, assign: { team: 3 } }] },
      }`,
    });
    const { config } = await loadFile(undefined, folder.path);
    const reply = config.bot?.rules[0]?.reply;
    const facts = { text: 'hi', contact: { name: null, email: null }, account: 1, conversation: 2 };
    expect(typeof reply === 'function' && reply(facts)).toBe('HI');
    expect(config.crm?.fields.plan).toBeTypeOf('function');
    expect(config.routing?.rules[0]?.when).toBeTypeOf('function');
  });
});

async function linesOf(named: string, cwd: string): Promise<readonly string[]> {
  try {
    await loadFile(named, cwd);
  } catch (error) {
    if (error instanceof ConfigError) return error.lines;
    throw error;
  }
  return [];
}

function saidByProcess(named: string, cwd: string): string {
  const load = `import { loadFile } from ${JSON.stringify(new URL('./file.ts', import.meta.url).href)};
    await loadFile(${JSON.stringify(named)}, process.cwd()).catch((error) => console.log(error.lines.join('\\n')));`;
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', load], {
    cwd,
    encoding: 'utf8',
  });
  expect(stderr).toBe('');
  return stdout.trimEnd();
}
