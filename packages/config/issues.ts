import type { z } from 'zod';
import { nearest } from './spelling.ts';

type Issue = z.core.$ZodIssue;
type Path = readonly PropertyKey[];

interface Fault {
  readonly path: Path;
  readonly text: string;
  /** `unknown` is a name that is no setting, `missing` one that is not there, `rule` a rule over an object. */
  readonly kind: 'unknown' | 'missing' | 'rule' | 'value';
  /** Of an unknown name, the one that was probably meant. */
  readonly meant?: string | null;
}

/** What zod says where a schema has no words of its own. */
const NO_WORDS = 'Invalid input';
const NOT_HERE = "can't stand beside the other settings here";

/**
 * zod's issues, found with `reportInput`, as lines of the form `routing.rules[0].assign.team: what is wrong`. `prefix` goes before each,
 * `namesAt` knows the settings at a path. For a union, the branch that fits the input's own shape best speaks
 * for all. Values are never echoed: they may be secrets.
 */
export function issueLines(
  error: z.ZodError,
  prefix = '',
  namesAt: (path: Path) => readonly string[] = () => [],
): string[] {
  const faults = error.issues.flatMap((issue) => faultsOf(issue, [], namesAt));
  const unknown = faults.filter((fault) => fault.kind === 'unknown');
  return faults
    .filter((fault) => !unknown.some((cause) => explains(cause, fault)))
    .map(({ path, text }) => `${prefix}${path.length === 0 ? '' : `${dotPath(path)}: `}${text}`);
}

function faultsOf(issue: Issue, base: Path, namesAt: (path: Path) => readonly string[]): Fault[] {
  const path = [...base, ...issue.path];
  switch (issue.code) {
    case 'invalid_union':
      return unionFaults(issue, path, namesAt);
    case 'unrecognized_keys':
      return issue.keys.map((key) => {
        const names = namesAt(path);
        // The names of all of a union's branches: this one belongs to another branch.
        if (names.includes(key)) return { path: [...path, key], kind: 'unknown', text: NOT_HERE };
        const meant = nearest(key, names);
        const hint = meant === null ? 'check the spelling' : `did you mean ${meant}?`;
        return { path: [...path, key], kind: 'unknown', meant, text: `no such setting; ${hint}` };
      });
    case 'invalid_key':
      return issue.issues.map((inner) => ({ path, kind: 'value', text: wordsOf(inner) }));
    default: {
      const kind = isMissing(issue) ? 'missing' : issue.code === 'custom' ? 'rule' : 'value';
      return [{ path, kind, text: wordsOf(issue) }];
    }
  }
}

function unionFaults(
  issue: Extract<Issue, { code: 'invalid_union' }>,
  path: Path,
  namesAt: (path: Path) => readonly string[],
): Fault[] {
  const ownWords = issue.message === NO_WORDS ? null : issue.message;
  const fitting = issue.errors.filter((branch) => !branch.some(isOfAnotherType));
  if (fitting.length > 1 && fitting.every(hasOnlyUnknownKeys)) {
    const names = new Set(fitting.flat().flatMap((inner) => ('keys' in inner ? inner.keys : [])));
    return [{ path, kind: 'rule', text: `${[...names].join(' and ')} can't stand together` }];
  }
  const closest = fitting.toSorted((a, b) => a.length - b.length)[0];
  const isPrecise =
    fitting.length === 1 ||
    closest?.some((inner) => inner.path.length > 0 || inner.code === 'unrecognized_keys');
  if (closest !== undefined && (isPrecise || ownWords === null)) {
    return closest.flatMap((inner) => faultsOf(inner, path, namesAt));
  }
  const words = ownWords ?? [...new Set(issue.errors.flat().map(wordsOf))].join(', or ');
  return [{ path, kind: isMissing(issue) ? 'missing' : 'value', text: words }];
}

/** Whether a branch of a union was never meant: the input is not even of its type. */
function isOfAnotherType(issue: Issue): boolean {
  if (issue.path.length > 0) return false;
  if (issue.code === 'invalid_type' || issue.code === 'invalid_value') return true;
  if (issue.code === 'invalid_union') return issue.errors.every((branch) => branch.some(isOfAnotherType));
  return issue.code === 'custom' && issue.message === NO_WORDS;
}

function hasOnlyUnknownKeys(branch: readonly Issue[]): boolean {
  return branch.every((issue) => issue.code === 'unrecognized_keys' && issue.path.length === 0);
}

/** A misspelt name is one fault, though it is also what is missing, or what a rule over its object lacks. */
function explains(cause: Fault, fault: Fault): boolean {
  const parent = cause.path.slice(0, -1);
  if (fault.kind === 'rule') return samePath(fault.path, parent);
  return fault.kind === 'missing' && cause.meant != null && samePath(fault.path, [...parent, cause.meant]);
}

function samePath(a: Path, b: Path): boolean {
  return a.length === b.length && a.every((part, index) => part === b[index]);
}

function isMissing(issue: Issue): boolean {
  return 'input' in issue && issue.input === undefined;
}

function wordsOf(issue: Issue): string {
  if (issue.code === 'invalid_type' && isMissing(issue) && issue.message.startsWith(NO_WORDS)) {
    return `missing; expected ${issue.expected}`;
  }
  return issue.message.replace(/^(Invalid (input|option)|Too (small|big)): /, '');
}

function dotPath(path: Path): string {
  let text = '';
  for (const part of path) {
    if (typeof part === 'number') text += `[${part}]`;
    else if (/^[\w$-]+$/.test(String(part))) text += text === '' ? String(part) : `.${String(part)}`;
    else text += `[${JSON.stringify(String(part))}]`;
  }
  return text;
}
