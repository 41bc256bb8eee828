import type { StoryJob } from '@switchyard/jobs';
import { type Html, html } from './html.ts';
import type { PersonalData } from './personal-data.ts';
import { eventInWords } from './reasons.ts';
import { storyJob } from './story-job.ts';
import { type Search, wordsOf } from './story-search.ts';
import { count, time } from './words.ts';

/** What was found, ready to be shown. */
export interface StoryView {
  readonly search: Search;
  /** `Conversation 3/42` */
  readonly title: string;
  readonly jobs: readonly StoryJob[];
  /** Of a contact: its conversations that are known, the latest first. */
  readonly conversations: readonly { readonly account: number; readonly id: number }[];
  /** By delivery; null when nobody asked to see it. */
  readonly personal: ReadonlyMap<string, PersonalData> | null;
  /** Chatwoot's own page of it; null where there is none or its address is not known. */
  readonly chatwootUrl: string | null;
  /** How many deliveries are shown at most; the latest. */
  readonly most: number;
}

interface DeliveryJobs {
  readonly id: string;
  readonly jobs: readonly [StoryJob, ...StoryJob[]];
}

export function storyBody(view: StoryView): Html {
  const deliveries = byDelivery(view.jobs);
  const shown = deliveries.slice(-view.most);
  const left = deliveries.length - shown.length;
  return html`${subject(view, deliveries.length)}
    ${
      left > 0 &&
      html`<p class="earlier"><a href="${hrefOf(view, { all: true })}">Show ${count(left, 'earlier delivery', 'earlier deliveries')}</a></p>`
    }
    <ol class="timeline" aria-label="Deliveries, the earliest first">${shown.map((one) => deliveryStop(one, view))}</ol>`;
}

function subject(view: StoryView, deliveries: number): Html {
  const { title, jobs, personal, chatwootUrl, conversations } = view;
  const dead = jobs.filter(({ state, discardedAt }) => state === 'dead' && discardedAt === undefined).length;
  const open = jobs.filter(({ state }) => state !== 'dead' && state !== 'done').length;
  const contact = jobs.findLast((job) => job.contact !== null);
  const facts = [
    count(deliveries, 'delivery', 'deliveries'),
    count(jobs.length, 'job'),
    ...(open > 0 ? [`${count(open, 'is', 'are')} not done`] : []),
  ];
  return html`<section class="panel subject">
    <div>
      <h1>${title}</h1>
      <p>${facts.join(' · ')}${dead > 0 ? html` · <b class="bad">${count(dead, 'is', 'are')} dead</b>` : null}</p>
    </div>
    <div class="links">
      ${
        view.search.kind !== 'contact' && contact !== undefined
          ? html`<a class="button" href="${storyHref({ kind: 'contact', account: contact.account, id: contact.contact ?? 0 })}">Contact ${contact.contact}</a>`
          : null
      }
      ${
        view.search.kind === 'delivery' && jobs[0]?.conversation != null
          ? html`<a class="button" href="${storyHref({ kind: 'conversation', account: jobs[0].account, id: jobs[0].conversation })}">Conversation ${jobs[0].account}/${jobs[0].conversation}</a>`
          : null
      }
      ${chatwootUrl !== null && html`<a class="button" href="${chatwootUrl}" target="_blank" rel="noreferrer noopener">Open in Chatwoot</a>`}
      ${
        personal === null
          ? html`<a class="button" href="${hrefOf(view, { personal: true })}">Show personal data</a>`
          : html`<a class="button primary" href="${hrefOf(view, { personal: false })}">Hide personal data</a>`
      }
    </div>
    ${
      conversations.length > 0 &&
      html`<p class="conversations">Conversations:
        ${conversations.map(
          ({ account, id }) =>
            html`<a href="${storyHref({ kind: 'conversation', account, id })}">${account}/${id}</a> `,
        )}</p>`
    }
  </section>`;
}

function deliveryStop({ id, jobs }: DeliveryJobs, { personal, search }: StoryView): Html {
  const [first] = jobs;
  const worst = jobs.some(({ state }) => state === 'dead') ? 'dead' : jobs.some(isOpen) ? 'open' : 'done';
  const known = personal?.get(id) ?? null;
  return html`<li class="delivery" data-state="${worst}">
    <p class="when">${time(first.receivedAt)}</p>
    <article class="panel">
      <header>
        <h2>${eventInWords(first.event)}</h2>
        <span class="from">${first.event}, from source <b>${first.source}</b></span>
        ${
          search.kind === 'contact' && first.conversation !== null
            ? html`<a href="${storyHref({ kind: 'conversation', account: first.account, id: first.conversation })}">${first.account}/${first.conversation}</a>`
            : null
        }
        <a class="id" href="${storyHref({ kind: 'delivery', id })}" title="The story of this delivery alone">${id}</a>
      </header>
      ${personal !== null && personalPart(known)}
      <ol class="jobs">${jobs.map((job) => storyJob(job))}</ol>
    </article>
  </li>`;
}

function personalPart(known: PersonalData | null): Html {
  if (known === null) return html`<p class="personal gone">What was written is no longer kept.</p>`;
  const { who, contact, text } = known;
  return html`<div class="personal">
    ${(who !== null || contact.length > 0) && html`<p><b>${who}</b> ${contact.join(' · ')}</p>`}
    ${text !== null && html`<blockquote>${text}</blockquote>`}
    ${who === null && contact.length === 0 && text === null && html`<p>It names nobody and has no text.</p>`}
  </div>`;
}

/** Deliveries in the order they came. */
function byDelivery(jobs: readonly StoryJob[]): DeliveryJobs[] {
  const found = new Map<string, DeliveryJobs>();
  for (const job of jobs) {
    const before = found.get(job.delivery);
    found.set(job.delivery, { id: job.delivery, jobs: before === undefined ? [job] : [...before.jobs, job] });
  }
  return [...found.values()].map(({ id, jobs: [first, ...others] }) => ({ id, jobs: [first, ...others] }));
}

function isOpen({ state }: StoryJob): boolean {
  return state !== 'done' && state !== 'dead';
}

export function storyHref(search: Search): string {
  return `/story?${new URLSearchParams({ q: wordsOf(search) })}`;
}

function hrefOf(view: StoryView, change: { readonly all?: boolean; readonly personal?: boolean }): string {
  const query = new URLSearchParams({ q: wordsOf(view.search) });
  if (change.personal ?? view.personal !== null) query.set('personal', '1');
  if (change.all ?? view.most === Number.POSITIVE_INFINITY) query.set('all', '1');
  return `/story?${query}`;
}
