import { startWorker } from './testing-survival.ts';

/**
 * A worker as a process that ends only when nothing keeps it any more: after SIGTERM it closes and does not exit.
 * `REDIS_URL`; `HANG` for jobs that never end by themselves.
 */
const url = process.env.REDIS_URL ?? '';
const hang = process.env.HANG === '1';
const running = await startWorker(
  async () => {
    process.stdout.write('job begun\n');
    if (hang) await new Promise(() => {});
  },
  { redisUrl: url, shutdownTimeoutMs: 3_000 },
);
process.once('SIGTERM', () => {
  void running.close().then(() => process.stdout.write('closed\n'));
});
process.stdout.write('ready\n');
