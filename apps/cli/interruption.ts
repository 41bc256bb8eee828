/** What Ctrl-C and SIGTERM do to a command. */
export interface Interruption {
  readonly signal: AbortSignal;
  /** One came. */
  take(): void;
}

/**
 * The same signal comes to a process more than once: npm, a shell and the script that started it each pass on what the
 * whole process group has had already.
 */
const SAME_ONE_MS = 1_000;

/** The first time, what is begun is finished and told; the second time, `leave`: nothing is waited for. */
export function createInterruption(
  leave: () => void,
  now: () => number = () => performance.now(),
): Interruption {
  const interrupted = new AbortController();
  let firstAt = 0;
  return {
    signal: interrupted.signal,
    take() {
      if (!interrupted.signal.aborted) {
        firstAt = now();
        interrupted.abort();
      } else if (now() - firstAt >= SAME_ONE_MS) leave();
    },
  };
}
