import { oneBlank } from './blanks.ts';
import { type Does, PHRASES } from './phrases.ts';

/** One way to read an activity. Texts are ambiguous, because names may hold any words: there can be several. */
export interface Reading {
  readonly does: Does;
  readonly actor: string | null;
  readonly assignee: string | null;
  readonly team: string | null;
}

/** Longer ones are no activities that name two people. */
const LONGEST = 2_000;
const SLOT = /\{(actor|assignee|team|any)\}/;

interface Template {
  readonly does: Does;
  readonly literals: readonly string[];
  readonly slots: readonly string[];
}

const TEMPLATES: readonly Template[] = PHRASES.map(templateOf);

/** All ways in which an activity's text can be one of Chatwoot's phrases; none for a phrase that is not known. */
export function readingsOf(text: string | null): readonly Reading[] {
  if (text === null || text.length > LONGEST) return [];
  const plain = oneBlank(text);
  return TEMPLATES.flatMap((template) => fits(plain, template));
}

function templateOf({ does, text }: (typeof PHRASES)[number]): Template {
  const parts = text.split(SLOT);
  return {
    does,
    literals: parts.filter((_, at) => at % 2 === 0),
    slots: parts.filter((_, at) => at % 2 === 1),
  };
}

function fits(text: string, { does, literals, slots }: Template): readonly Reading[] {
  return fillings(text, literals).map((names) => {
    const named = (slot: string) => names[slots.indexOf(slot)] ?? null;
    return { does, actor: named('actor'), assignee: named('assignee'), team: named('team') };
  });
}

/** Every way to fill the gaps between the literals so that the whole is `text`. */
function fillings(text: string, literals: readonly string[]): readonly (readonly string[])[] {
  const [first = '', next, ...rest] = literals;
  if (next === undefined) return text === first ? [[]] : [];
  if (!text.startsWith(first)) return [];
  const after = text.slice(first.length);
  const found: (readonly string[])[] = [];
  for (const at of endsOfGap(after, next, rest.length === 0)) {
    const name = after.slice(0, at);
    for (const others of fillings(after.slice(at), [next, ...rest])) found.push([name, ...others]);
  }
  return found;
}

/** Where a name that begins the text can end: before each place where the next literal stands. */
function endsOfGap(text: string, next: string, isLast: boolean): readonly number[] {
  if (isLast) return text.length > next.length && text.endsWith(next) ? [text.length - next.length] : [];
  const ends: number[] = [];
  for (let at = text.indexOf(next, 1); at !== -1; at = text.indexOf(next, at + 1)) ends.push(at);
  return ends;
}
