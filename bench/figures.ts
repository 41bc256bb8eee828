export function median(values: readonly number[]): number {
  return percentileOf(values, 0.5);
}

/** The value below which this share of the values lies. */
export function percentileOf(values: Iterable<number>, share: number): number {
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

/** One line of a table on standard output. */
export function row(cells: readonly string[]): void {
  const text = cells.map((cell, index) => (index === 0 ? cell.padEnd(36) : cell.padStart(10)));
  process.stdout.write(`${text.join('')}\n`);
}
