import type { Entries } from './view.ts';

/** A change of the board: entries set, and keys taken down. */
export interface Patch {
  readonly set: Readonly<Record<string, unknown>>;
  readonly drop: readonly string[];
}

/**
 * Everything the page shows, under keys such as `queue/routing`. Setting an entry to what it already is changes
 * nothing; changes are gathered for a moment and go out as one patch.
 */
export class Board {
  readonly #entries = new Map<string, { value: unknown; json: string }>();
  readonly #listeners = new Set<(patch: Patch) => void>();
  readonly #changed = new Set<string>();
  #timer: NodeJS.Timeout | null = null;

  set<Key extends keyof Entries>(key: Key, value: Entries[Key]): void {
    const json = JSON.stringify(value);
    if (this.#entries.get(key)?.json === json) return;
    this.#entries.set(key, { value, json });
    this.#touch(key);
  }

  drop(key: keyof Entries): void {
    if (this.#entries.delete(key)) this.#touch(key);
  }

  snapshot(): Readonly<Record<string, unknown>> {
    return Object.fromEntries([...this.#entries].map(([key, { value }]) => [key, value]));
  }

  /** Calls `listener` with every patch from now on; returns how to stop. */
  follow(listener: (patch: Patch) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  close(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#listeners.clear();
  }

  #touch(key: string): void {
    this.#changed.add(key);
    this.#timer ??= setTimeout(() => this.#flush(), gatherMs);
  }

  #flush(): void {
    this.#timer = null;
    const set: Record<string, unknown> = {};
    const drop: string[] = [];
    for (const key of this.#changed) {
      const entry = this.#entries.get(key);
      if (entry === undefined) drop.push(key);
      else set[key] = entry.value;
    }
    this.#changed.clear();
    for (const listener of this.#listeners) listener({ set, drop });
  }
}

const gatherMs = 25;
