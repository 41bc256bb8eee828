/** One step of the start on the terminal: what is started, what it turned out to be, how long it took. */
export type Step = <Result>(
  name: string,
  work: () => Promise<{ readonly result: Result; readonly detail: string }>,
) => Promise<Result>;

/** A start that failed, as one line: what, and why. */
export class StartFailure extends Error {
  override readonly name = 'StartFailure';
}

/**
 * @param signal when it is aborted no further step begins
 * @throws StartFailure when a step fails; the signal's reason when it is aborted
 */
export function createSteps(out: NodeJS.WriteStream, signal: AbortSignal): Step {
  const paint = out.isTTY && process.env.NO_COLOR === undefined;
  const dim = (text: string) => (paint ? `\u001b[2m${text}\u001b[22m` : text);
  const green = (text: string) => (paint ? `\u001b[32m${text}\u001b[39m` : text);
  return async (name, work) => {
    signal.throwIfAborted();
    const startedAt = performance.now();
    if (out.isTTY) out.write(`  ${dim('·')} ${name.padEnd(12)}${dim('starting …')}`);
    try {
      const { result, detail } = await work();
      const took = dim(`${((performance.now() - startedAt) / 1_000).toFixed(1)} s`);
      out.write(
        `${out.isTTY ? '\r\u001b[2K' : ''}  ${green('✓')} ${name.padEnd(12)}${detail.padEnd(52)} ${took}\n`,
      );
      return result;
    } catch (error) {
      if (out.isTTY) out.write('\r\u001b[2K');
      signal.throwIfAborted();
      const reason = error instanceof Error ? error.message : String(error);
      throw new StartFailure(`${name} did not start: ${reason}`, { cause: error });
    }
  };
}
