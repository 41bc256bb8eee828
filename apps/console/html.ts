/** Markup that may go to a browser as it is. Only this file makes it, so whatever else goes in is escaped. */
export class Html {
  readonly #markup: string;
  constructor(trusted: typeof TRUSTED, markup: string) {
    if (trusted !== TRUSTED) throw new TypeError('markup is made with the html tag');
    this.#markup = markup;
  }
  toString(): string {
    return this.#markup;
  }
}

const TRUSTED = Symbol('markup of our own templates');

type Part = Html | string | number | null | undefined | false | readonly Part[];

/** A template whose values are text, unless they are themselves made with it. null, undefined and false are nothing. */
export function html(strings: TemplateStringsArray, ...values: readonly Part[]): Html {
  let markup = strings[0] ?? '';
  for (const [index, value] of values.entries()) markup += markupOf(value) + (strings[index + 1] ?? '');
  return new Html(TRUSTED, markup);
}

function markupOf(part: Part): string {
  if (part instanceof Html) return part.toString();
  if (part === null || part === undefined || part === false) return '';
  if (typeof part === 'object') return part.map(markupOf).join('');
  return escaped(String(part));
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? character);
}
