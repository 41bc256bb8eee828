import type { DeadGroup, DeadJob, DeadPage } from '@switchyard/jobs';
import { type Html, html } from './html.ts';
import { stepInWords } from './reasons.ts';
import { storyHref } from './story-page.ts';
import { count, figure, time } from './words.ts';

const COLOURED = new Set(['crm-sync', 'bot-replies', 'routing']);

/** All groups, of a queue or of all of them; asked for again when something has come of a run. */
export function groupsPart(groups: readonly DeadGroup[], queue: string | null): Html {
  const total = groups.reduce((sum, group) => sum + group.count, 0);
  const onQueue = queue === null ? null : html` on ${queue} · <a href="/dead">all queues</a>`;
  return html`<div class="page-head">
      <h1>Dead jobs</h1>
      <p>${
        total === 0
          ? 'Jobs that ran out of time or failed for good are here, until somebody redrives or discards them.'
          : html`${count(total, 'job')} in ${count(groups.length, 'group')}${onQueue}. Mend the cause first, then redrive one, ten, all.`
      }</p>
    </div>
    ${
      total === 0
        ? html`<p class="panel empty"><b>Nothing is dead${queue !== null && ` on ${queue}`}.</b></p>`
        : html`<ol class="groups">${groups.map(groupCard)}</ol>`
    }`;
}

function groupCard(group: DeadGroup): Html {
  const { fingerprint, queue, code, step, message, newestAt, oldestAt } = group;
  return html`<li class="group panel" data-queue="${COLOURED.has(queue) ? queue : 'custom'}">
    <a class="number" href="/dead/${fingerprint}" aria-label="Open this group">${figure(group.count)}</a>
    <div class="what">
      <h2><a href="/dead/${fingerprint}"><code>${code}</code></a> <span class="on"><i></i>${queue}${step !== null && html` · in step ${step}`}</span></h2>
      <p class="message">${message}</p>
      <p class="seen">${
        oldestAt === newestAt
          ? html`died ${time(newestAt, 'ago')}`
          : html`first ${time(oldestAt, 'ago')}, last ${time(newestAt, 'ago')}`
      }</p>
    </div>
    <div class="acts">${groupActs(group)}</div>
  </li>`;
}

function groupActs({
  fingerprint,
  count: size,
  queue,
  code,
}: Pick<DeadGroup, 'fingerprint' | 'count' | 'queue' | 'code'>): Html {
  const path = `/dead/${fingerprint}`;
  const limits = [1, 10].filter((limit) => limit < size);
  return html`${limits.map(
    (limit) =>
      html`<button type="button" data-act="${path}/redrive" data-body='${JSON.stringify({ limit })}'>Redrive ${limit}</button>`,
  )}
    <button type="button" class="primary" data-act="${path}/redrive" data-body='{"limit":null}'
      ${size > 10 && html` data-yes="Redrive them" data-no="Leave them" data-ask="Redrive all ${figure(size)}? They go to the tails of their lanes, and live jobs go first. Has the cause been mended?"`}
      >Redrive ${size === 1 ? 'it' : `all ${figure(size)}`}</button>
    <button type="button" class="danger quiet" data-act="${path}/discard" data-body='{"limit":null}' data-yes="Discard for good"
      data-no="Keep them" data-ask="Discard ${count(size, 'dead job')} of ${queue} (${code}) for good? What they were to do will not be done, and they can’t be brought back."
      >Discard</button>`;
}

/** One group with a page of its jobs. */
export function groupPart(group: DeadGroup, jobs: DeadPage): Html {
  return html`<p class="back"><a href="/dead">Dead jobs</a></p>
    <ol class="groups">${groupCard(group)}</ol>
    <section class="panel jobs-list" aria-labelledby="jobs-title">
      <h2 id="jobs-title">Its jobs, the latest death first</h2>
      <ol>${jobs.jobs.map(deadJob)}</ol>
      ${
        jobs.next !== null &&
        html`<p class="more"><a class="button" href="/dead/${group.fingerprint}?${new URLSearchParams({ cursor: jobs.next }).toString()}">More</a></p>`
      }
    </section>`;
}

/** What stands there when the last of a group has gone. */
export const GONE = html`<p class="back"><a href="/dead">Dead jobs</a></p>
  <p class="panel empty"><b>Nothing is dead of this any more.</b></p>`;

function deadJob(job: DeadJob): Html {
  const { jobId, queue, diedAt, redrivenAt, finishedSteps, attempts, event } = job;
  const body = JSON.stringify({ queue, jobId });
  return html`<li class="dead-job">
    <div>
      <p class="id">${storyLink(job)} <a class="detail" href="/job/${encodeURIComponent(queue)}/${encodeURIComponent(jobId)}"><code>${jobId}</code></a></p>
      <p class="facts">died ${time(diedAt, 'full')}${redrivenAt !== null && html`, redriven before ${time(redrivenAt, 'full')}`}
        · ${event ?? 'its data can’t be read'} · ${count(attempts.started, 'try', 'tries')}${
          finishedSteps.length > 0 ? ` · done already: ${finishedSteps.map(stepInWords).join(', ')}` : ''
        }</p>
    </div>
    <div class="acts">
      <button type="button" data-act="/dead/job/redrive" data-body='${body}'>Redrive</button>
      <button type="button" class="danger quiet" data-act="/dead/job/discard" data-body='${body}' data-yes="Discard for good" data-no="Keep it"
        data-ask="Discard this job for good? What it was to do will not be done.">Discard</button>
    </div>
  </li>`;
}

function storyLink({ account, conversation, delivery }: DeadJob): Html {
  if (account !== null && conversation !== null) {
    const search = { kind: 'conversation', account, id: conversation } as const;
    return html`<a href="${storyHref(search)}">Story of ${account}/${conversation}</a>`;
  }
  return delivery === null
    ? html``
    : html`<a href="${storyHref({ kind: 'delivery', id: delivery })}">Story of its delivery</a>`;
}
