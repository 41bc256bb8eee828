const maxLines = 2_000;
const maxLineLength = 4_000;

type Listener = (line: string) => void;

/** The last lines a process wrote, both its outputs together. */
export class LogBuffer {
  readonly #lines: string[] = [];
  readonly #listeners = new Set<Listener>();

  add(line: string): void {
    const kept = line.slice(0, maxLineLength);
    this.#lines.push(kept);
    if (this.#lines.length > maxLines) this.#lines.shift();
    for (const listener of this.#listeners) listener(kept);
  }

  lines(): string[] {
    return [...this.#lines];
  }

  /** The last lines, indented, for an error message. */
  tail(count = 20): string {
    const lines = this.#lines.slice(-count);
    return lines.length === 0 ? '  (it wrote nothing)' : lines.map((line) => `  ${line}`).join('\n');
  }

  /** Calls `listener` for every line to come; returns how to stop. */
  follow(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}
