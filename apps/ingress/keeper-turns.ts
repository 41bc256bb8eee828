/**
 * Shares the time between the drain and new deliveries, so that the drain comes to an end also when more arrives
 * than Redis takes: while it moves on, at most one new delivery is spooled for every two that are drained, and none
 * while the last ones are on their way. At an ordinary load nobody waits.
 */
export interface Turns {
  /** Before `count` new deliveries are spooled. Waits for the drain only while it moves on, a moment at most. */
  admit(count: number): Promise<void>;
  /** A batch of the drain begins; `isLast` when nothing is left behind it. */
  begin(isLast: boolean): void;
  /** A batch of the drain is in Redis. */
  drained(count: number): void;
  /** The drain is not moving: Redis is away, or there is nothing left. */
  halted(): void;
}

/** A drain that does not move for so long is waiting for Redis, and then nobody waits for it. */
const LONGEST_WAIT_MS = 100;

export function createTurns(mostCredit: number): Turns {
  let isMoving = false;
  let isLast = false;
  let credit = 0;
  let moved = Promise.withResolvers<void>();

  function move(): void {
    moved.resolve();
    moved = Promise.withResolvers<void>();
  }

  return {
    async admit(count) {
      while (isMoving && (isLast || credit < 0)) {
        const timer = setTimeout(() => {
          isMoving = false;
          move();
        }, LONGEST_WAIT_MS);
        await moved.promise;
        clearTimeout(timer);
      }
      if (isMoving) credit -= count;
    },
    begin(last) {
      isLast = last;
    },
    drained(count) {
      credit = isMoving ? Math.min(mostCredit, credit + count / 2) : 0;
      isMoving = true;
      move();
    },
    halted() {
      isMoving = false;
      isLast = false;
      move();
    },
  };
}
