import { CallFailure } from '@switchyard/chatwoot';
import { valueAt } from './json-path.ts';

const PLACEHOLDER = /\{([\w.-]+)\}/g;
const ONLY_A_PLACEHOLDER = /^\{([\w.-]+)\}$/;

/** Every path that a template names: `{contact.email}` gives `contact.email`. */
export function placeholders(template: string): string[] {
  return Array.from(template.matchAll(PLACEHOLDER), (match) => match[1] ?? '');
}

/**
 * A field's value. A template that is one placeholder and nothing else gives the raw value, so null stays null
 * and a number a number; in mixed text null is the empty string.
 */
export function fieldValue(template: string, values: unknown): unknown {
  const only = ONLY_A_PLACEHOLDER.exec(template)?.[1];
  if (only !== undefined) return valueAt(values, only) ?? null;
  return template.replace(PLACEHOLDER, (_all, path: string) => asText(valueAt(values, path)));
}

/**
 * A URL from a template. Values are percent-encoded, except `verbatim` ones, which are URLs themselves.
 *
 * @throws {CallFailure} where one would climb.
 */
export function fillUrl(template: string, values: unknown, verbatim: readonly string[]): string {
  const url = template.replace(PLACEHOLDER, (_all, path: string) => {
    const text = asText(valueAt(values, path));
    return verbatim.includes(path) ? text : encodeURIComponent(text);
  });
  // A segment of dots climbs, also when it is percent-encoded (https://url.spec.whatwg.org/#double-dot-path-segment).
  const segments = (url.split(/[?#]/, 1)[0] ?? '').split('/');
  if (!segments.some((segment) => /^(?:\.|%2e){1,2}$/i.test(segment))) return url;
  throw new CallFailure('permanent', `${template}: a value is "." or "..", which would be another address`, {
    code: 'CRM_URL_CLIMBS',
    target: 'crm',
  });
}

function asText(value: unknown): string {
  if (value === null || value === undefined) return '';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
