import { type RedisConnection, recentAccounts, type Stories, type StoryJob } from '@switchyard/jobs';
import type { Logger } from '@switchyard/telemetry';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { type Html, html } from './html.ts';
import { page } from './layout.ts';
import { readPersonalData } from './personal-data.ts';
import { storyBody, storyHref } from './story-page.ts';
import { readSearch, type Search, wordsOf } from './story-search.ts';

export interface StoryParts {
  readonly stories: Stories;
  readonly redis: RedisConnection;
  readonly queues: readonly string[];
  readonly shards: number;
  readonly chatwootBaseUrl: string | null;
  readonly canLogOut: boolean;
  readonly log: Logger;
}

const querySchema = z.object({
  q: z.string().max(1_000).catch(''),
  personal: z.literal('1').optional().catch(undefined),
  all: z.literal('1').optional().catch(undefined),
});

/** Deliveries on one page, unless all are asked for. */
const MOST = 60;

/** `GET /story?q=…` */
export function serveStory(app: FastifyInstance, parts: StoryParts): void {
  const { canLogOut, log } = parts;
  app.get('/story', async (request, reply) => {
    const { q, personal, all } = querySchema.parse(request.query);
    const answer = await answerTo(readSearch(q), parts);
    const send = (status: number, title: string, body: Html) =>
      reply
        .code(status)
        .type('text/html')
        .send(page({ title, tab: 'story', search: q, canLogOut, body }));
    if (answer.kind === 'none') return send(answer.status, 'Story', answer.body);
    if (answer.kind === 'choice') return send(200, 'Story', choiceOf(answer.options));
    const { search, title, jobs, conversations } = answer;
    const most = all === '1' ? Number.POSITIVE_INFINITY : MOST;
    if (personal === '1') {
      log.info({ operator: request.operator, subject: wordsOf(search) }, 'operator: looked at personal data');
    }
    const known =
      personal === '1' ? await readPersonalData(parts.redis, { jobs, shards: parts.shards }) : null;
    const chatwootUrl = chatwootUrlOf(parts.chatwootBaseUrl, search, jobs);
    return send(
      200,
      title,
      storyBody({ search, title, jobs, conversations, personal: known, chatwootUrl, most }),
    );
  });
}

type Answer =
  | { readonly kind: 'none'; readonly status: number; readonly body: Html }
  | { readonly kind: 'choice'; readonly options: readonly Search[] }
  | {
      readonly kind: 'story';
      readonly search: Search;
      readonly title: string;
      readonly jobs: readonly StoryJob[];
      readonly conversations: readonly { readonly account: number; readonly id: number }[];
    };

async function answerTo(search: Search, parts: StoryParts): Promise<Answer> {
  if (search.kind === 'nothing') return { kind: 'none', status: 200, body: INTRODUCTION };
  if (search.kind === 'unclear') return none(404, 'That is none of what can be looked for here.');
  if (search.kind === 'delivery') return ofDelivery(search.id, parts.stories);
  const accounts = search.account === null ? await recentAccounts(parts.redis, parts) : [search.account];
  const asked = await Promise.all(
    accounts.map((account) => ofSubject({ ...search, account }, parts.stories)),
  );
  const found = asked.filter((answer) => answer !== null);
  const [only] = found;
  if (only === undefined) {
    const where = search.account === null ? ' in the accounts that had work lately' : '';
    return none(
      404,
      `Nothing is known of ${search.kind} ${wordsOf(search).replace('contact ', '')}${where}.`,
    );
  }
  return found.length === 1 ? only : { kind: 'choice', options: found.map((one) => one.search) };
}

async function ofSubject(
  search: Extract<Search, { kind: 'conversation' | 'contact' }> & { readonly account: number },
  stories: Stories,
): Promise<Extract<Answer, { kind: 'story' }> | null> {
  const { kind, account, id } = search;
  if (kind === 'conversation') {
    const jobs = await stories.ofConversation(account, id);
    const title = `Conversation ${account}/${id}`;
    return jobs.length === 0 ? null : { kind: 'story', search, title, jobs, conversations: [] };
  }
  const { jobs, conversations } = await stories.ofContact(account, id);
  if (jobs.length === 0 && conversations.length === 0) return null;
  const known = conversations.map((conversation) => ({ account, id: conversation }));
  return { kind: 'story', search, title: `Contact ${account}/${id}`, jobs, conversations: known };
}

async function ofDelivery(id: string, stories: Stories): Promise<Answer> {
  const jobs = await stories.ofDelivery(id);
  if (jobs === null) {
    return none(
      404,
      `No delivery ${id} is known. It was never accepted, or longer ago than deliveries are remembered.`,
    );
  }
  if (jobs.length === 0) {
    return none(
      200,
      `Delivery ${id} was accepted. Nothing is left of its jobs: they ended longer ago than stories are kept.`,
    );
  }
  return {
    kind: 'story',
    search: { kind: 'delivery', id },
    title: `Delivery ${id}`,
    jobs,
    conversations: [],
  };
}

function none(status: number, words: string): Answer {
  const body = html`<section class="panel note"><h1>${status === 404 ? 'Not found' : 'Nothing left'}</h1><p>${words}</p>
    ${HOW}</section>`;
  return { kind: 'none', status, body };
}

const HOW = html`<dl class="how">
  <div><dt><code>3/42</code></dt><dd>conversation 42 of account 3; <code>42</code> alone where it is clear which account is meant</dd></div>
  <div><dt><code>3/contact/17</code></dt><dd>contact 17 of account 3, or <code>contact 17</code></dd></div>
  <div><dt><code>a4f1c2…</code></dt><dd>a delivery, by its whole id, as it stands in the logs</dd></div>
  <div><dt><code>https://…/conversations/42</code></dt><dd>the address of a conversation or a contact in Chatwoot</dd></div>
</dl>`;

const INTRODUCTION = html`<section class="panel note"><h1>What happened, and why?</h1>
  <p>Look for a conversation, a contact or a delivery: each webhook, what became of it on every queue, what was decided
  and why, what was written and what failed.</p>${HOW}</section>`;

function choiceOf(options: readonly Search[]): Html {
  return html`<section class="panel note"><h1>Which one?</h1><p>Several accounts have it.</p>
    <ul class="choice">${options.map((one) => html`<li><a class="button" href="${storyHref(one)}">${wordsOf(one)}</a></li>`)}</ul></section>`;
}

function chatwootUrlOf(base: string | null, search: Search, jobs: readonly StoryJob[]): string | null {
  if (base === null) return null;
  const job = jobs.find(({ conversation }) => conversation !== null);
  if (search.kind === 'contact') return `${base}/app/accounts/${search.account}/contacts/${search.id}`;
  if (job?.account == null) return null;
  return `${base}/app/accounts/${job.account}/conversations/${job.conversation}`;
}
