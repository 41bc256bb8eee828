/**
 * Lets jobs run side by side, and one that is under suspicion alone: when its worker dies then, nobody else can
 * have been the cause, and nobody else is taken down with it. First come, first served, so that neither kind waits
 * for ever.
 */
export interface Gate {
  /** Resolves when the caller may run; it calls what it gets when it is through. */
  enter(alone: boolean): Promise<() => void>;
}

export function createGate(): Gate {
  const waiting: { readonly alone: boolean; readonly open: () => void }[] = [];
  let running = 0;
  let occupied = false;

  function admit(): void {
    for (;;) {
      const [next] = waiting;
      if (next === undefined || occupied || (next.alone && running > 0)) return;
      waiting.shift();
      running += 1;
      occupied = next.alone;
      next.open();
    }
  }

  return {
    enter(alone) {
      return new Promise((resolve) => {
        const leave = () => {
          running -= 1;
          if (alone) occupied = false;
          admit();
        };
        waiting.push({ alone, open: () => resolve(leave) });
        admit();
      });
    },
  };
}
