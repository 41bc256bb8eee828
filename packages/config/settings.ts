import { z } from 'zod';
import { fileSchema } from './schema.ts';

/** JSON Schema of one setting, as a user may write it. A schema without a type stands for a function. */
export type SettingSchema = z.core.JSONSchema.BaseSchema;

/** The whole config file as JSON Schema, with the descriptions and defaults of its settings. */
export function settingsSchema(): SettingSchema {
  return z.toJSONSchema(fileSchema, { io: 'input', unrepresentable: 'any' });
}

/** The names that may stand at this path of the config file. */
export function settingsAt(path: readonly PropertyKey[]): string[] {
  let here = alternatives(settingsSchema());
  for (const part of path) here = here.flatMap((schema) => inside(schema, part).flatMap(alternatives));
  return [...new Set(here.flatMap(namesIn))];
}

/** The names of an object's settings, or those that a record takes when it does not take any. */
function namesIn({ properties, propertyNames }: SettingSchema): string[] {
  const taken = schemaOf(propertyNames).flatMap((names) => names.enum ?? []);
  return [...Object.keys(properties ?? {}), ...taken.map(String)];
}

/** The branches of a union, however deep; of anything else, itself. */
export function alternatives(schema: SettingSchema): SettingSchema[] {
  return schema.anyOf === undefined ? [schema] : schema.anyOf.flatMap(schemaOf).flatMap(alternatives);
}

/** JSON Schema has booleans where a schema may stand; ours has none that describe a setting. */
export function schemaOf(schema: unknown): SettingSchema[] {
  return isSchema(schema) ? [schema] : [];
}

function isSchema(value: unknown): value is SettingSchema {
  return typeof value === 'object' && value !== null;
}

function inside(schema: SettingSchema, part: PropertyKey): SettingSchema[] {
  if (typeof part === 'number') return schemaOf(schema.items);
  return schemaOf(schema.properties?.[String(part)] ?? schema.additionalProperties);
}
