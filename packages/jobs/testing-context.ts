import { createLogger, createMetrics } from '@switchyard/telemetry';
import type { StepContext } from './define.ts';

export { eventOf } from './testing-events.ts';

/** What a sender needs of a process, silent. */
export function testingRuntime() {
  return {
    log: createLogger({ app: 'test', level: 'silent' }),
    metrics: createMetrics({ app: 'test', version: '0' }),
  };
}

/** A job's context in memory, with the ledger's rules; what the queue remembers can be shared between jobs. */
export function testingContext(queue: string, jobId = 'job-1', remembered = new Map<string, string>()) {
  const results = new Map<string, string>();
  const begun = new Set<string>();
  const performed: string[] = [];
  const context: StepContext = {
    jobId,
    queue,
    attempt: 1,
    signal: new AbortController().signal,
    log: testingRuntime().log,
    state: {
      get: (key) => Promise.resolve(JSON.parse(remembered.get(key) ?? 'null')),
      set: (key, value) => Promise.resolve(void remembered.set(key, JSON.stringify(value))),
      delete: (key) => Promise.resolve(void remembered.delete(key)),
    },
    async step<T>(
      name: string,
      perform: Parameters<typeof context.step<T>>[1],
      options: Parameters<typeof context.step<T>>[2] = {},
    ): Promise<T> {
      const done = results.get(name);
      if (done !== undefined) {
        const parsed: { result: T } = JSON.parse(done);
        return parsed.result;
      }
      const call = { key: `${queue}:${jobId}:${name}`, signal: context.signal };
      const confirmed = begun.has(name) ? await options.confirm?.(call) : undefined;
      begun.add(name);
      if (confirmed?.done !== true) performed.push(name);
      const result = confirmed?.done === true ? confirmed.result : await perform(call);
      results.set(name, JSON.stringify({ result }));
      return result;
    },
  };
  return { context, performed, remembered };
}
