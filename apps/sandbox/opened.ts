/** What was opened, to be closed in reverse order. */
export class Opened {
  readonly #closers: { readonly name: string; readonly close: () => unknown }[] = [];

  add(name: string, close: () => unknown): void {
    this.#closers.push({ name, close });
  }

  /** Closes everything, also when something refuses to; returns what refused, a line each. Again does nothing. */
  async close(): Promise<readonly string[]> {
    const failures: string[] = [];
    for (const { name, close } of this.#closers.splice(0).toReversed()) {
      try {
        await close();
      } catch (error) {
        failures.push(`${name}: ${error instanceof Error ? error.message : String(error)}`);
      }
    }
    return failures;
  }
}
