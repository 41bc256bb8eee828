import { setTimeout as sleep } from 'node:timers/promises';
import type { Stories } from '@switchyard/jobs';
import { CommandFailure } from '../command-failure.ts';
import { failed, passed, type Row } from './row.ts';
import type { Stage } from './stage.ts';

export interface ClearParts {
  readonly stage: Stage;
  readonly stories: Pick<Stories, 'ofConversation'>;
  readonly keep: boolean;
  /** How long the jobs of what was played may take to end. */
  readonly limitMs: number;
}

const LOOK_MS = 250;
/** So often in a row nothing is at work: what one job writes is the next one's event. */
const QUIET_LOOKS = 3;
/** A conversation without a job may have one coming so long after it was begun. */
const COMING_MS = 3_000;

/** Removes what was made, once nobody works on it any more: a job whose conversation is taken away under it is dead. */
export async function clear({ stage, stories, keep, limitMs }: ClearParts): Promise<Row> {
  if (keep) return passed('kept', `inbox ${stage.inbox.id} and its conversations are left in Chatwoot`);
  // Where Redis is away, it is removed all the same.
  await jobsEnd(stage, stories, limitMs).catch(() => {});
  const left = await stage.clear();
  if (left.length === 0) return passed('removed', 'everything that was made in Chatwoot');
  return failed('removed', `not everything: ${left.slice(0, 5).join('; ')}`, 'Delete it in Chatwoot.');
}

async function jobsEnd(
  { account, begun }: Stage,
  stories: Pick<Stories, 'ofConversation'>,
  limitMs: number,
): Promise<void> {
  const until = performance.now() + limitMs;
  for (let quiet = 0; quiet < QUIET_LOOKS && performance.now() < until; ) {
    const each = await Promise.all(
      begun.map(async ({ conversation, at }) => {
        const jobs = await stories.ofConversation(account, conversation);
        if (jobs.length === 0) return Date.now() - at > COMING_MS;
        return jobs.every(({ state }) => state === 'done' || state === 'dead');
      }),
    );
    quiet = each.every((isOver) => isOver) ? quiet + 1 : 0;
    await sleep(LOOK_MS);
  }
}

/** The failure that ended the rehearsal, with what it leaves behind: with --json its document is all that is told. */
export function withWhatIsLeft(
  { exit, code, message, fix }: CommandFailure,
  { status, detail }: Row,
): CommandFailure {
  const left = status === 'fail' ? [`Left in Chatwoot, ${detail}. Delete it there.`] : [];
  return new CommandFailure(exit, code, message, [...fix, ...left]);
}
