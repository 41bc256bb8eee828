import type { z } from 'zod';

/**
 * zod's issues as lines of the form `routing.rules[0].assign.team: what is wrong`. `prefix` goes before each.
 * For a union, the branch that fits the input's own shape best speaks for all.
 */
export function issueLines(error: z.ZodError, prefix = ''): string[] {
  return error.issues.flatMap((issue) => lines(issue, prefix));
}

function lines(issue: z.core.$ZodIssue, prefix: string): string[] {
  const path = dotPath(issue.path);
  if (issue.code === 'invalid_union' && issue.errors.length > 0) {
    const closest = issue.errors.toSorted((a, b) => depth(b) - depth(a))[0] ?? [];
    if (depth(closest) > 0) {
      return closest.flatMap((inner) =>
        lines({ ...inner, path: [...issue.path, ...inner.path] } as z.core.$ZodIssue, prefix),
      );
    }
    const expected = issue.errors.flatMap((branch) => branch.map((inner) => inner.message));
    return [`${prefix}${path}: ${[...new Set(expected)].join(', or ')}`];
  }
  if (issue.code === 'unrecognized_keys') {
    const where = path === '' ? '' : `${path}.`;
    return issue.keys.map((key) => `${prefix}${where}${key}: no such setting; check the spelling`);
  }
  return [`${prefix}${path === '' ? '(root)' : path}: ${issue.message}`];
}

function depth(issues: readonly z.core.$ZodIssue[]): number {
  return Math.max(0, ...issues.map((issue) => issue.path.length));
}

function dotPath(path: readonly PropertyKey[]): string {
  let text = '';
  for (const part of path) {
    if (typeof part === 'number') text += `[${part}]`;
    else if (/^[\w$-]+$/.test(String(part))) text += text === '' ? String(part) : `.${String(part)}`;
    else text += `[${JSON.stringify(String(part))}]`;
  }
  return text;
}
