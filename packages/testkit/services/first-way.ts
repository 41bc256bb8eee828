/** One way to come by a service. */
export interface Way<T> {
  /** For messages: `Docker`, `redis-server on the PATH`. */
  name: string;
  /** The service, or null when this way is not open on this machine; throws when it is open and failed. */
  attempt(): Promise<T | null>;
}

/**
 * The first way that works, tried in order, so that the next one is not touched while an earlier one will do.
 *
 * @throws one line: `what`, then `advice` on what to install, then what went wrong with the ways that were open.
 */
export async function firstWay<T>(ways: readonly Way<T>[], what: string, advice: string): Promise<T> {
  const failures: string[] = [];
  for (const way of ways) {
    try {
      const service = await way.attempt();
      if (service !== null) return service;
    } catch (error) {
      failures.push(`${way.name}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  const tried = failures.length === 0 ? '' : ` What was tried: ${failures.join('; ')}`;
  throw new Error(`No ${what} for development and tests. ${advice}${tried}`);
}
