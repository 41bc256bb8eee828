import type { Reporter, TestModule } from 'vitest/node';

/** Closes a run with the plain line `N passed, N failed[, N skipped]`, which CI reads. */
export default class PlainCountReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
    const counts = { passed: 0, failed: 0, skipped: 0, pending: 0 };
    for (const module of modules) {
      for (const test of module.children.allTests()) counts[test.result().state] += 1;
      // A file that can't be loaded has no tests to count; it failed all the same.
      if (module.state() === 'failed' && module.children.size === 0) counts.failed += 1;
    }
    const failed = counts.failed + counts.pending + unhandledErrors.length;
    const skipped = counts.skipped === 0 ? '' : `, ${counts.skipped} skipped`;
    process.stdout.write(`\n${counts.passed} passed, ${failed} failed${skipped}\n`);
  }
}
