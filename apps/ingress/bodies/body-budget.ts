import { BodyRefused } from './body-refused.ts';
import { createGrowingBody, type GrowingBody } from './growing-body.ts';

/**
 * The memory that bodies may take before anyone knows whose they are, for the whole process. When it is full, an
 * unfinished body makes room: the one that has sent least of late, of those the oldest. Who sends all of a delivery
 * at once is never among them, so a stranger's connections cost the stranger and not Chatwoot, which never sends
 * an account webhook again.
 */
export interface BodyBudget {
  /** A place for one body. Ends by `release`, at the latest when the budget calls `refuse`. */
  open(refuse: (error: BodyRefused) => void, expected: number): OpenBody;
  /** Bytes held at the moment. */
  readonly held: number;
  readonly unfinished: number;
}

interface OpenBody {
  /** @throws {BodyRefused} when the body is larger than it may be. */
  add(chunk: Buffer): void;
  readonly length: number;
  /** What came, whole or not. Gives up its place. */
  take(): Buffer;
  release(): void;
}

export interface BodyBudgetSettings {
  /** For all unfinished bodies together. */
  readonly totalBytes: number;
  /** The largest single one. */
  readonly bodyBytes: number;
  /** Epoch-free clock, milliseconds. */
  readonly now?: () => number;
  readonly onEvicted?: () => void;
}

/** What the request and its socket take beside the body's bytes, about. So that many tiny bodies are not free. */
const REQUEST_BYTES = 8 * 1024;
/** "Of late". A body that is younger counts as fast. */
const WINDOW_MS = 250;
/** Room is made for more than one chunk, so that not every chunk has to look through all bodies. */
const DOWN_TO = 7 / 8;

interface Body {
  readonly startedAt: number;
  readonly growing: GrowingBody;
  readonly refuse: (error: BodyRefused) => void;
  cost: number;
  windowAt: number;
  inWindow: number;
  beforeWindow: number;
}

export function createBodyBudget(settings: BodyBudgetSettings): BodyBudget {
  const { totalBytes, bodyBytes, now = () => performance.now(), onEvicted } = settings;
  const bodies = new Set<Body>();
  let held = 0;

  function charge(body: Body): void {
    const cost = REQUEST_BYTES + body.growing.resident;
    held += cost - body.cost;
    body.cost = cost;
    if (held > totalBytes) makeRoom();
  }

  function release(body: Body): void {
    if (bodies.delete(body)) held -= body.cost;
  }

  function makeRoom(): void {
    const at = now();
    const ranked = [...bodies].map((body) => ({ body, speed: speedOf(body, at) }));
    // In order of their start already, and the sort keeps that among equals.
    ranked.sort((one, other) => (one.speed === other.speed ? 0 : one.speed - other.speed));
    for (const { body } of ranked) {
      if (held <= totalBytes * DOWN_TO) return;
      release(body);
      onEvicted?.();
      body.refuse(new BodyRefused('unfinished'));
    }
  }

  return {
    open(refuse, expected) {
      const startedAt = now();
      const growing = createGrowingBody(Math.min(expected, bodyBytes));
      const body: Body = {
        startedAt,
        growing,
        refuse,
        cost: 0,
        windowAt: startedAt,
        inWindow: 0,
        beforeWindow: 0,
      };
      bodies.add(body);
      charge(body);
      return {
        add(chunk) {
          if (growing.length + chunk.length > bodyBytes) throw new BodyRefused('too-large');
          growing.add(chunk);
          roll(body, now());
          body.inWindow += chunk.length;
          if (bodies.has(body)) charge(body);
        },
        get length() {
          return growing.length;
        },
        take() {
          release(body);
          return growing.take();
        },
        release: () => release(body),
      };
    },
    get held() {
      return held;
    },
    get unfinished() {
      return bodies.size;
    },
  };
}

/** Bytes in this window and the one before it. */
function speedOf(body: Body, now: number): number {
  if (now - body.startedAt < WINDOW_MS) return Number.POSITIVE_INFINITY;
  roll(body, now);
  return body.beforeWindow + body.inWindow;
}

function roll(body: Body, now: number): void {
  const windows = Math.floor((now - body.windowAt) / WINDOW_MS);
  if (windows === 0) return;
  body.beforeWindow = windows === 1 ? body.inWindow : 0;
  body.inWindow = 0;
  body.windowAt += windows * WINDOW_MS;
}
