/** The candidate that was probably meant by `word`; null when none is near. Case does not count. */
export function nearest(word: string, candidates: readonly string[]): string | null {
  const allowed = Math.min(2, Math.floor(word.length / 2));
  const near = candidates
    .map((candidate) => ({ candidate, edits: edits(word.toLowerCase(), candidate.toLowerCase()) }))
    .filter((one) => one.edits <= allowed)
    .toSorted((a, b) => a.edits - b.edits);
  return near[0]?.candidate ?? null;
}

/** Levenshtein's distance: letters to insert, drop or replace. */
function edits(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (const [index, letter] of [...from].entries()) {
    const next = [index + 1];
    for (const [column, other] of [...to].entries()) {
      const replaced = (row[column] ?? 0) + (letter === other ? 0 : 1);
      next.push(Math.min(replaced, (row[column + 1] ?? 0) + 1, (next[column] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}
