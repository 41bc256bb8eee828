/**
 * Faults a fake server can be told to have. "Before commit" means the request had no effect; "after commit"
 * means it did, and only the answer is lost: the case that retries must survive.
 */
export type Fault = FaultKind & FaultFilter;

type FaultKind =
  /** Answers this status. With `afterCommit` the work is done all the same (Chatwoot's #6446). */
  | {
      readonly kind: 'status';
      readonly status: number;
      readonly body?: string;
      readonly afterCommit?: boolean;
    }
  /** 429 `Retry later`; Chatwoot's carries no Retry-After (contract §3.1), other servers' do. */
  | { readonly kind: 'rateLimit'; readonly retryAfterSeconds?: number }
  /** The answer comes late, after the work. With `beforeCommit` the work itself is late too. */
  | { readonly kind: 'slow'; readonly ms: number; readonly beforeCommit?: boolean }
  | { readonly kind: 'timeoutBeforeCommit' }
  | { readonly kind: 'timeoutAfterCommit' }
  | { readonly kind: 'resetBeforeCommit' }
  | { readonly kind: 'resetAfterCommit' }
  /** The work is done and the body that says so is cut off. */
  | { readonly kind: 'badJson' };

interface FaultFilter {
  readonly method?: string;
  /** A part of the path, or an expression that matches it; the query string is not looked at. */
  readonly path?: string | RegExp;
  /** 0 to 1; 1 by default. */
  readonly probability?: number;
  /** How many requests it hits before it is spent; no end by default. */
  readonly count?: number;
}

export interface Faults {
  /** Switches a fault on; the function it returns switches it off. Of several that match, the oldest acts. */
  add(fault: Fault): () => void;
  /** Takes the server away: nothing listens, or (`reset`) every connection is broken off. */
  down(how?: 'refuse' | 'reset'): Promise<void>;
  /** Brings it back on the same port. */
  up(): Promise<void>;
  readonly isDown: boolean;
  active(): readonly Fault[];
  /** Switches every fault off and brings the server back. */
  clear(): Promise<void>;
}

/** The faults that are on, in the order they were added. `random` decides on probabilities. */
export class FaultList {
  #rules: Rule[] = [];
  readonly #random: () => number;

  constructor(random: () => number = Math.random) {
    this.#random = random;
  }

  add(fault: Fault): () => void {
    const rule: Rule = { fault, left: fault.count ?? Number.POSITIVE_INFINITY };
    this.#rules.push(rule);
    return () => {
      this.#rules = this.#rules.filter((other) => other !== rule);
    };
  }

  /** The fault this request suffers, if any; a counted fault is used up by it. */
  take(method: string, path: string): Fault | null {
    const hit = this.#rules.find(
      ({ fault }) => matches(fault, method, path) && this.#random() < (fault.probability ?? 1),
    );
    if (hit === undefined) return null;
    hit.left -= 1;
    if (hit.left <= 0) this.#rules = this.#rules.filter((rule) => rule !== hit);
    return hit.fault;
  }

  active(): readonly Fault[] {
    return this.#rules.map(({ fault }) => fault);
  }

  clear(): void {
    this.#rules = [];
  }
}

interface Rule {
  readonly fault: Fault;
  left: number;
}

function matches(fault: FaultFilter, method: string, path: string): boolean {
  if (fault.method !== undefined && fault.method.toUpperCase() !== method) return false;
  if (fault.path === undefined) return true;
  return typeof fault.path === 'string' ? path.includes(fault.path) : path.search(fault.path) >= 0;
}
