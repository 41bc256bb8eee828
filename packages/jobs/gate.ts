/**
 * Lets jobs run side by side, and one that is under suspicion alone: when its worker dies then, nobody else can
 * have been the cause, and nobody else is taken down with it. First come, first served, so that neither kind waits
 * for ever.
 */
export interface Gate {
  /** Resolves when the caller may run; it calls `leave` when it is through. */
  enter(alone: boolean): Promise<void> | undefined;
  leave(alone: boolean): void;
}

export function createGate(): Gate {
  const waiting: { readonly alone: boolean; readonly open: () => void }[] = [];
  let running = 0;
  let occupied = false;

  function mayRun(alone: boolean): boolean {
    return !occupied && !(alone && running > 0);
  }

  function run(alone: boolean): void {
    running += 1;
    occupied = alone;
  }

  return {
    enter(alone) {
      if (waiting.length > 0 || !mayRun(alone)) {
        return new Promise((open) => waiting.push({ alone, open }));
      }
      run(alone);
    },
    leave(alone) {
      running -= 1;
      if (alone) occupied = false;
      for (;;) {
        const [next] = waiting;
        if (next === undefined || !mayRun(next.alone)) return;
        waiting.shift();
        run(next.alone);
        next.open();
      }
    },
  };
}
