import { configDefaults, defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['{apps,packages,bench,chaos,deploy,scripts}/**/*.test.ts'],
    // Attacks need a machine for themselves: `npm run hostile`.
    exclude: [...configDefaults.exclude, 'chaos/hostile/**'],
    globalSetup: ['packages/testkit/services/global-setup.ts'],
    // Tests drive real Redis, Postgres, processes and browsers on what may be a two-core machine.
    testTimeout: 90_000,
    hookTimeout: 120_000,
    maxWorkers: 2,
    // On a shared machine a test that kills processes may once run into its limit; what is broken fails twice.
    retry: process.env.CI === 'true' ? 1 : 0,
    reporters: ['default', './scripts/plain-count-reporter.ts'],
  },
});
