import type { DeadAct, DeadRun } from './dead-runs.ts';
import { type Html, html } from './html.ts';
import { count, figure, time } from './words.ts';

const EVERY_MS = { running: 500, resting: 3_000 };

/** The run under way or the last one; asks for itself again. */
export function runPanel(run: DeadRun | null): Html {
  return html`<div data-live="/dead/run" data-every="${everyMs(run)}">${runPart(run)}</div>`;
}

export function runPart(run: DeadRun | null): Html {
  if (run === null) return html``;
  const { act, about, limit, startedAt, endedAt, operator, progress } = run;
  const words = { redrive: ['Redriving', 'Redrive'], discard: ['Discarding', 'Discard'] } as const;
  const [doing, done] = words[act];
  const [at, of] =
    limit === null || limit > progress.of ? [progress.seen, progress.of] : [progress.done, limit];
  return html`<section class="panel run" data-run="${run.id}" data-again="${everyMs(run)}" data-state="${stateOf(run)}" aria-label="${done}">
    <div>
      <h2>${endedAt === null ? doing : `${done} of`} ${about}</h2>
      <p>${resultInWords(run)}</p>
      <p class="facts">by ${operator === 'anyone' ? 'somebody' : `session ${operator}`}, begun ${time(startedAt)}${endedAt !== null && html`, ended ${time(endedAt)}`}</p>
    </div>
    ${
      endedAt === null &&
      html`<progress max="${Math.max(of, 1)}" value="${Math.min(at, of)}">${at} of ${of}</progress>
      <button type="button" data-act="/dead/run/stop">Stop</button>`
    }
  </section>`;
}

function everyMs(run: DeadRun | null): number {
  return run !== null && run.endedAt === null ? EVERY_MS.running : EVERY_MS.resting;
}

function stateOf({ ended, endedAt, progress }: DeadRun): 'running' | 'good' | 'warn' | 'bad' {
  if (endedAt === null) return 'running';
  if (ended === 'failed') return 'bad';
  return progress.expired > 0 || progress.done === 0 || ended === 'aborted' ? 'warn' : 'good';
}

const DONE: Readonly<Record<DeadAct, string>> = { redrive: 'sent back to work', discard: 'discarded' };

/** `10 jobs sent back to work. 2 were no longer dead.` */
export function resultInWords({ act, progress, ended }: Pick<DeadRun, 'act' | 'progress' | 'ended'>): string {
  const { done, notDead, unknown, expired } = progress;
  const sentences = [
    `${done === 0 && ended !== null ? 'No job' : count(done, 'job')} ${DONE[act]}.`,
    notDead > 0 ? `${figure(notDead)} ${notDead === 1 ? 'was' : 'were'} no longer dead.` : null,
    unknown > 0 ? `${figure(unknown)} ${unknown === 1 ? 'was' : 'were'} gone.` : null,
    expired > 0
      ? `${figure(expired)} can only be discarded: what ${expired === 1 ? 'it' : 'they'} had done is no longer known.`
      : null,
    ended === 'aborted' ? 'Stopped before the end; what is done stays done.' : null,
    ended === 'failed'
      ? 'It failed on the way, see the log of the console; what is done stays done. Start it again.'
      : null,
  ];
  return sentences.filter((sentence) => sentence !== null).join(' ');
}
