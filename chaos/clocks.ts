import { createSteppedClock, type SteppedClock } from '@switchyard/testkit';

/** Whose wall clocks a fault may step. */
export type Clocked = 'workers' | 'ingress' | 'redis';

export interface Clocks {
  /** Those that the fault steps; each worker process has its own. */
  readonly stepped: readonly SteppedClock[];
  /** What such a process is started with; nothing where its clock is to stay right. */
  envOf(process: Clocked, index?: number): Readonly<Record<string, string>>;
  close(): Promise<void>;
}

/** @throws {Error} where a clock is asked for and this machine has no way to make one. */
export async function createClocks(whose: Clocked | undefined, workers: number): Promise<Clocks> {
  const stepped: SteppedClock[] = [];
  const count = whose === undefined ? 0 : whose === 'workers' ? workers : 1;
  while (stepped.length < count) {
    const clock = await createSteppedClock();
    if (clock === null) throw new Error("stepping a clock takes libfaketime, from Debian's packages");
    stepped.push(clock);
  }
  return {
    stepped,
    envOf(process, index = 0) {
      const clock = process === whose ? stepped[index] : undefined;
      return (process === 'redis' ? clock?.redisEnv : clock?.env) ?? {};
    },
    async close() {
      for (const clock of stepped) await clock.close();
    },
  };
}
