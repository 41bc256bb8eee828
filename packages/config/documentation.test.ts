import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { ConfigError } from './error.ts';
import { loadFile } from './file.ts';
import { alternatives, type SettingSchema, schemaOf, settingsSchema } from './settings.ts';
import { directoryWith } from './testing-directory.ts';
import { withTables } from './testing-documentation.ts';

const page = readFileSync(new URL('../../docs/configuration.md', import.meta.url), 'utf8');
const blocks = [...page.matchAll(/(<!-- mistaken -->\n)?```(ts|yaml|json)\n([\s\S]*?)```/g)].map(
  ([, mistaken, kind = '', text = '']) => ({ mistaken: mistaken !== undefined, kind, text }),
);

describe('docs/configuration.md', () => {
  it('has the tables of today’s schemas (else: node scripts/run.mjs scripts/write-configuration-doc.ts)', () => {
    expect(withTables(page)).toBe(page);
  });

  it.each(blocks.filter(({ mistaken }) => !mistaken))(
    'has an example that is taken: $kind $text',
    async (block) => {
      // The import needs a file in Switchyard's own folder.
      const text = block.text.replace(/^import .*$/m, 'const defineConfig = (config: object) => config;');
      await using folder = directoryWith({ [`config.${block.kind}`]: text });
      await expect(loadFile(`config.${block.kind}`, folder.path)).resolves.toHaveProperty('config');
    },
  );

  it('shows what a mistaken file really gives', async () => {
    const mistaken = blocks.find((block) => block.mistaken);
    await using folder = directoryWith({ 'config.yaml': mistaken?.text ?? '' });
    const error = await loadFile('config.yaml', folder.path).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ConfigError);
    const told = /<!-- told -->\n```text\n([\s\S]*?)```/.exec(page)?.[1];
    expect(told).toBe(error instanceof ConfigError ? `${error.lines.join('\n')}\n` : '');
  });
});

it('every setting has a description', () => {
  expect(undescribed(settingsSchema(), '')).toEqual([]);
});

function undescribed(schema: SettingSchema, path: string): string[] {
  return alternatives(schema).flatMap((branch) => [
    ...Object.entries(branch.properties ?? {}).flatMap(([name, setting]) =>
      schemaOf(setting).flatMap((inner) => [
        ...(inner.description === undefined ? [`${path}.${name}`] : []),
        ...undescribed(inner, `${path}.${name}`),
      ]),
    ),
    ...[branch.items, branch.additionalProperties]
      .flatMap(schemaOf)
      .flatMap((inner) => undescribed(inner, `${path}[]`)),
  ]);
}
