/** Gives each piece of work a signal of its own, aborted when everything stops. */
export interface Stops {
  during<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T>;
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
    async during(work) {
      const controller = new AbortController();
      if (stopping.aborted) controller.abort(stopping.reason);
      goingOn.add(controller);
      try {
        return await work(controller.signal);
      } finally {
        goingOn.delete(controller);
      }
    },
  };
}
