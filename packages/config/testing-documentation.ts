import { envSchema, readEnv } from './env.ts';
import { alternatives, type SettingSchema, schemaOf, settingsSchema } from './settings.ts';

/** Tables of docs/configuration.md by the name of their place in it; made from the schemas, so they can't drift. */
function documentationTables(): ReadonlyMap<string, string> {
  const sections = Object.entries(settingsSchema().properties ?? {}).flatMap(([name, setting]) =>
    schemaOf(setting).map((schema): [string, string] => [name, settingsTable(name, schema)]),
  );
  return new Map([['environment', environmentTable()], ...sections]);
}

/** The page with each table put between its two marks, `<!-- table: name -->` and `<!-- end -->`. */
export function withTables(page: string): string {
  let filled = page;
  for (const [name, text] of documentationTables()) {
    const [before, rest] = splitAt(filled, `<!-- table: ${name} -->\n`);
    const [, after] = splitAt(rest, '<!-- end -->');
    filled = `${before}<!-- table: ${name} -->\n\n${text}\n\n<!-- end -->${after}`;
  }
  return filled;
}

function splitAt(text: string, mark: string): [before: string, after: string] {
  const at = text.indexOf(mark);
  if (at < 0)
    throw new Error(
      `docs/configuration.md: no "${mark.trim()}"; every section of the schema has its table there`,
    );
  return [text.slice(0, at), text.slice(at + mark.length)];
}

function environmentTable(): string {
  const defaults = new Map<string, unknown>(Object.entries(readEnv({})));
  const rows = Object.entries(envSchema.shape).map(([name, schema]) => {
    const value = defaults.get(name);
    return row([code(name), value === undefined ? '–' : code(String(value)), schema.description ?? '']);
  });
  return table(['variable', 'default', 'for'], rows);
}

function settingsTable(name: string, schema: SettingSchema): string {
  return table(['setting', 'type', 'default', 'meaning'], rowsOf(name, schema));
}

/** A row for each setting at or below this one; settings of several branches of a union once. */
function rowsOf(path: string, schema: SettingSchema): string[] {
  const rows = new Set<string>();
  const branches = alternatives(schema);
  for (const branch of branches) {
    const isRequired = (name: string) =>
      branches.every(({ properties, required }) => properties === undefined || required?.includes(name));
    for (const [name, setting] of Object.entries(branch.properties ?? {})) {
      for (const inner of schemaOf(setting)) {
        const type = isRequired(name) ? `${typeOf(inner)}, required` : typeOf(inner);
        rows.add(row([code(`${path}.${name}`), type, defaultOf(inner), meaningOf(inner)]));
        for (const one of rowsOf(`${path}.${name}`, inner)) rows.add(one);
      }
    }
    for (const inner of schemaOf(branch.items)) {
      for (const one of rowsOf(`${path}[]`, inner)) rows.add(one);
    }
    for (const inner of schemaOf(branch.additionalProperties)) {
      for (const one of rowsOf(`${path}.<name>`, inner)) rows.add(one);
    }
  }
  return [...rows];
}

function meaningOf({ description = '' }: SettingSchema): string {
  return description.replaceAll('<', '&lt;');
}

function typeOf(schema: SettingSchema): string {
  return [...new Set(alternatives(schema).map(typeOfOne))].filter((type) => type !== '').join(' or ');
}

function typeOfOne(schema: SettingSchema): string {
  if (schema.const === '') return '';
  if (schema.const !== undefined) return code(JSON.stringify(schema.const));
  if (schema.enum !== undefined) return schema.enum.map((one) => code(JSON.stringify(one))).join(' or ');
  if (Array.isArray(schema.type)) return schema.type.join(' or ');
  if (schema.type === 'array') {
    return `list of ${schemaOf(schema.items).map(typeOf).join(' or ')}`;
  }
  if (schema.type === 'integer') return `whole number${rangeOf(schema)}`;
  if (schema.type === 'number') return `number${rangeOf(schema)}`;
  return schema.type ?? 'function';
}

function rangeOf({ minimum, exclusiveMinimum, maximum }: SettingSchema): string {
  const most = maximum === Number.MAX_SAFE_INTEGER ? undefined : maximum;
  const least = minimum ?? (exclusiveMinimum === undefined ? undefined : `more than ${exclusiveMinimum}`);
  if (least === undefined || most === undefined) return '';
  return `, ${least} to ${most}`;
}

function defaultOf(schema: SettingSchema): string {
  const value = schema.default;
  if (value === undefined) return '–';
  const text = JSON.stringify(value);
  return text === '{}' || schema.properties !== undefined ? '–' : code(text);
}

function table(head: readonly string[], rows: readonly string[]): string {
  return [row(head), row(head.map(() => '---')), ...rows].join('\n');
}

function row(cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
}

function code(text: string): string {
  return `\`${text}\``;
}
