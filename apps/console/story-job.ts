import { fingerprint, type StoryAttempt, type StoryJob, type StoryStep } from '@switchyard/jobs';
import { type Html, html } from './html.ts';
import { actionInWords, nextInWords, reasonInWords, stepInWords } from './reasons.ts';
import { duration, time } from './words.ts';

const COLOURED = new Set(['crm-sync', 'bot-replies', 'routing']);
const LONGEST_RESULT = 300;

/** One job of a delivery: where it stands, what was decided and why, and what happened, step by step. */
export function storyJob(job: StoryJob): Html {
  const { queue, state, decision, discardedAt } = job;
  const happened = [...job.attempts.map(failedAttempt), ...job.steps.map((step) => doneStep(step, job))];
  const inOrder = happened.toSorted((a, b) => (a.at ?? Infinity) - (b.at ?? Infinity));
  return html`<li class="job" data-queue="${COLOURED.has(queue) ? queue : 'custom'}" data-state="${state}">
    <header>
      <i></i><h3>${queue}</h3>
      <span class="state">${discardedAt === undefined ? STATES[state] : html`dead, discarded ${time(discardedAt)}`}</span>
      <span class="took">${tookWords(job)}</span>
      <a class="detail" href="/job/${encodeURIComponent(queue)}/${encodeURIComponent(job.jobId)}">job</a>
    </header>
    ${
      decision !== null &&
      html`<p class="decision"><b>${actionInWords(decision.action)}</b>: ${reasonInWords(decision.reason)}.
        ${aboutWhat(decision.about)}</p>`
    }
    ${inOrder.length > 0 && html`<ol class="happened">${inOrder.map(({ row }) => row)}</ol>`}
    ${job.error !== null && death(job, job.error)}
  </li>`;
}

/** `handoffReply` → `handoff reply`; what there was none of is left out. */
function aboutWhat(about: NonNullable<StoryJob['decision']>['about']): Html[] {
  return Object.entries(about)
    .filter(([, value]) => value !== null)
    .map(([name, value]) => {
      const words = name.replace(/(?<=[a-z])[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
      return html`<span class="about">${words} <b>${String(value)}</b></span>`;
    });
}

const STATES: Readonly<Record<StoryJob['state'], string>> = {
  waiting: 'waits for a worker',
  behind: 'waits behind another job of its lane',
  active: 'being worked on',
  delayed: 'waits for its next try',
  dead: 'dead',
  done: 'done',
};

/** How long it took, or takes. */
function tookWords({ receivedAt, startedAt, endedAt, attempts }: StoryJob): string {
  const tries = attempts.length > 0 ? `${attempts.length + (endedAt === null ? 0 : 1)} tries, ` : '';
  if (endedAt === null) return `${tries}${duration(Date.now() - receivedAt)} so far`;
  const whole = `ended ${duration(endedAt - receivedAt)} after the webhook`;
  if (startedAt === null || attempts.length > 0) return tries + whole;
  return `waited ${duration(startedAt - receivedAt)}, ran ${duration(endedAt - startedAt)}`;
}

interface Happening {
  readonly at: number | null;
  readonly row: Html;
}

function failedAttempt({ at, code, message, step, next, nextAt }: StoryAttempt): Happening {
  const row = html`<li data-kind="failed">${time(at)} <p><code>${code}</code> ${message}
    <span class="next">${step === null ? null : html`in step ${step} · `}${nextInWords(next)}${
      nextAt === null ? null : html`, ${time(nextAt)}`
    }</span></p></li>`;
  return { at, row };
}

function doneStep({ name, state, result, at }: StoryStep, job: StoryJob): Happening {
  const words = stepInWords(name);
  const shown = resultWords(result);
  const row = html`<li data-kind="${state}">${at === null ? html`<span class="no-time">–</span>` : time(at)}
    <p>${state === 'done' ? words : beganWords(words, job)}${words === name ? null : html` <code>${name}</code>`}${
      shown === '' ? null : html` <span class="result">${shown}</span>`
    }</p></li>`;
  return { at, row };
}

function beganWords(words: string, { state }: StoryJob): string {
  return state === 'active' ? `begun: ${words}` : `begun, outcome unknown: ${words}`;
}

/** `lead lead-12`, from `{"leadId":"lead-12"}`; what is nothing says nothing. */
function resultWords(result: unknown): string {
  if (result === null || result === undefined) return '';
  const text =
    typeof result === 'object' && !Array.isArray(result)
      ? Object.entries(result)
          .filter(([, value]) => value !== null)
          .map(([name, value]) => `${name} ${typeof value === 'object' ? JSON.stringify(value) : value}`)
          .join(', ')
      : JSON.stringify(result);
  return text.length <= LONGEST_RESULT ? text : `${text.slice(0, LONGEST_RESULT)}…`;
}

function death(job: StoryJob, error: NonNullable<StoryJob['error']>): Html {
  const { code, message, step } = error;
  const told = job.attempts.at(-1)?.message === message;
  const group = fingerprint(job.queue, code, step, message);
  return html`<p class="death">${!told && html`<code>${code}</code> ${message} `}${
    job.discardedAt === undefined
      ? html`<a href="/dead/${group}">All that died of the same, and redrive</a>`
      : 'Somebody discarded it: nothing will come of it.'
  }</p>`;
}
