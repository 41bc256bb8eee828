/** Gives each piece of work a signal of its own, aborted when everything stops. */
export interface Stops {
  /** @param other aborts this piece alone, with what `reasonOf` makes of its own reason. */
  during<T>(
    work: (controller: AbortController) => Promise<T>,
    other?: AbortSignal,
    reasonOf?: (reason: unknown) => unknown,
  ): Promise<T>;
}

/**
 * One listener on the signal of the process for all that goes on, where AbortSignal.any would make one for each. What
 * a job leaves behind on its signal goes with the job.
 */
export function createStops(stopping: AbortSignal): Stops {
  const goingOn = new Set<AbortController>();
  stopping.addEventListener('abort', () => {
    for (const one of goingOn) one.abort(stopping.reason);
  });
  return {
    async during(work, other, reasonOf = (reason) => reason) {
      const controller = new AbortController();
      if (stopping.aborted) controller.abort(stopping.reason);
      // The other signal is this piece's own, so the listener goes with it.
      other?.addEventListener('abort', () => controller.abort(reasonOf(other.reason)));
      goingOn.add(controller);
      try {
        return await work(controller);
      } finally {
        goingOn.delete(controller);
      }
    },
  };
}
