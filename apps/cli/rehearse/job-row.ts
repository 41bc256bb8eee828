import type { StoryJob } from '@switchyard/jobs';
import { failed, type Row } from './row.ts';
import { hasEnded, type Seen } from './watch.ts';

/** What is wrong with a job that did not come to its end, as a row; null when it is done. */
export function jobFault(name: string, queue: string, { found: job, ms }: Seen<StoryJob>): Row | null {
  const waited = `${Math.round(ms / 1000)} s`;
  if (job === null) {
    return failed(
      name,
      `nothing came to the queue ${queue} within ${waited}`,
      'Check what the webhook is subscribed to: switchyard doctor.',
    );
  }
  if (job.state === 'dead') {
    const { code, message } = job.error ?? { code: 'DEAD', message: 'its job is dead' };
    return failed(name, `its job is dead: ${code}: ${message}`, `switchyard trace ${job.delivery}`);
  }
  if (hasEnded(job)) return null;
  const last = job.attempts.at(-1);
  if (last !== undefined) {
    return failed(
      name,
      `still tried after ${waited}: ${last.code}: ${last.message}`,
      `switchyard trace ${job.delivery}`,
    );
  }
  return failed(
    name,
    job.state === 'active'
      ? `its job is still at work after ${waited}`
      : `its job waits for ${waited}: nobody works on the queue ${queue}`,
    `Is ${queue} running? switchyard status tells whether its queue is paused or held.`,
  );
}
