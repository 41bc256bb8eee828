import type { DeadGroup, DeadJobs } from '@switchyard/jobs';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { GONE, groupPart, groupsPart } from './dead-page.ts';
import { resultInWords, runPanel, runPart } from './dead-run-panel.ts';
import { type DeadAct, type DeadRun, type DeadRunRequest, type DeadRuns, RunUnderWay } from './dead-runs.ts';
import { type Html, html } from './html.ts';
import { page } from './layout.ts';
import { shareLook } from './shared-look.ts';
import { count } from './words.ts';

export interface DeadParts {
  readonly dead: DeadJobs;
  readonly runs: DeadRuns;
  readonly queues: readonly string[];
  readonly canLogOut: boolean;
}

const GROUP = z.object({ fingerprint: z.string().regex(/^[0-9a-f]{12}$/) });
const LISTING = z.object({ queue: z.string().max(200).optional(), cursor: z.string().max(500).optional() });
const LIMIT = z.object({ limit: z.int().min(1).max(1_000_000).nullable() });
const ONE = z.object({ queue: z.string().min(1).max(200), jobId: z.string().min(1).max(300) });
const ACT = z.object({ act: z.enum(['redrive', 'discard']) });
const JOBS_ON_A_PAGE = 50;

const WITHOUT_REDIS = { config: { withoutRedis: true } };
/** Counting them reads every dead job there is. */
const FRESH_MS = 1_000;

/** `/dead`, `/dead/<fingerprint>` and what can be done there. */
export function serveDead(app: FastifyInstance, { dead, runs, queues, canLogOut }: DeadParts): void {
  const groups = groupsBetween(dead, runs);
  const groupOf = async (fingerprint: string) =>
    (await groups()).find((group) => group.fingerprint === fingerprint) ?? null;
  /** `run` as it was before anything was counted: a page of one that ended meanwhile then counts again. */
  const send = (reply: FastifyReply, status: number, part: Html, path: string, run: DeadRun | null) => {
    const live = html`${runPanel(run)}<div data-live="${path}" data-every="0">${part}</div>`;
    const whole = page({ title: 'Dead jobs', tab: 'dead', canLogOut, body: live });
    return reply.code(status).type('text/html').send(whole);
  };

  app.get('/dead', async (request, reply) => {
    const { queue = null } = LISTING.parse(request.query);
    const run = runs.current();
    if (queue !== null && !queues.includes(queue)) {
      return send(reply, 404, noQueue(queue), '/dead/groups', run);
    }
    const path =
      queue === null ? '/dead/groups' : `/dead/groups?${new URLSearchParams({ queue }).toString()}`;
    return send(reply, 200, await groupsOf(queue), path, run);
  });
  app.get('/dead/groups', async (request, reply) => {
    const { queue = null } = LISTING.parse(request.query);
    return sendPart(reply, await groupsOf(queue));
  });
  app.get('/dead/run', WITHOUT_REDIS, async (_request, reply) => sendPart(reply, runPart(runs.current())));

  app.get('/dead/:fingerprint', async (request, reply) => {
    const { fingerprint, cursor, path } = groupRequest(request);
    const run = runs.current();
    const part = await partOf(fingerprint, cursor);
    return send(reply, part === null ? 404 : 200, part ?? NO_GROUP, path, run);
  });
  app.get('/dead/:fingerprint/jobs', async (request, reply) => {
    const { fingerprint, cursor } = groupRequest(request);
    return sendPart(reply, (await partOf(fingerprint, cursor)) ?? GONE);
  });

  async function groupsOf(queue: string | null): Promise<Html> {
    const all = await groups();
    return groupsPart(queue === null ? all : all.filter((group) => group.queue === queue), queue);
  }

  async function partOf(fingerprint: string | null, cursor: string | null): Promise<Html | null> {
    const group = fingerprint === null ? null : await groupOf(fingerprint);
    if (group === null) return null;
    const filter = { queue: group.queue, fingerprint: group.fingerprint };
    return groupPart(group, await dead.list({ ...filter, limit: JOBS_ON_A_PAGE, cursor }));
  }

  app.post('/dead/:fingerprint/:act', async (request, reply) => {
    const { fingerprint } = GROUP.parse(request.params);
    const { act } = ACT.parse(request.params);
    const { limit } = LIMIT.parse(request.body);
    const group = await groupOf(fingerprint);
    if (group === null) return reply.code(404).send({ error: 'None of these are dead any more.' });
    const { queue } = group;
    const about = `${limit === null ? 'all' : count(limit, 'job')} that died of ${group.code} on ${queue}`;
    return start(runs, request, reply, {
      act,
      target: { filter: { queue, fingerprint } },
      limit,
      about,
    });
  });

  app.post('/dead/job/:act', async (request, reply) => {
    const { act } = ACT.parse(request.params);
    const { queue, jobId } = ONE.parse(request.body);
    const about = `job ${jobId} of ${queue}`;
    return start(runs, request, reply, { act, target: { job: { queue, jobId } }, limit: 1, about });
  });

  app.post('/dead/run/stop', WITHOUT_REDIS, async () => {
    runs.stop();
    return { message: 'It stops after the batch it is at.' };
  });
}

/** Counts at most once a second, and again when a run has begun or ended. */
function groupsBetween(dead: DeadJobs, runs: DeadRuns): () => Promise<readonly DeadGroup[]> {
  const counted = shareLook(() => dead.groups(), { freshMs: FRESH_MS });
  let countedAt = '';
  return () => {
    const run = runs.current();
    const stage = `${run?.id}/${run?.endedAt}`;
    if (stage !== countedAt) counted.forget();
    countedAt = stage;
    return counted.look();
  };
}

const WORDS: Readonly<Record<DeadAct, string>> = { redrive: 'Redriving', discard: 'Discarding' };
/** Most runs are short: then the answer can say what came of it. */
const SHORT_RUN_MS = 1_000;

async function start(
  runs: DeadRuns,
  { operator }: FastifyRequest,
  reply: FastifyReply,
  request: Omit<DeadRunRequest, 'operator'>,
): Promise<unknown> {
  try {
    runs.start({ ...request, operator: operator ?? 'unknown' });
  } catch (error) {
    if (error instanceof RunUnderWay) return reply.code(409).send({ error: error.message });
    throw error;
  }
  const run = await runs.within(SHORT_RUN_MS);
  const hasEnded = run !== null && run.endedAt !== null;
  return { message: hasEnded ? resultInWords(run) : `${WORDS[request.act]} ${request.about}.` };
}

function sendPart(reply: FastifyReply, part: Html): FastifyReply {
  return reply.type('text/html').send(part.toString());
}

function groupRequest({ params, query }: FastifyRequest) {
  const fingerprint = GROUP.safeParse(params).data?.fingerprint ?? null;
  const { cursor = null } = LISTING.parse(query);
  const search = cursor === null ? '' : `?${new URLSearchParams({ cursor }).toString()}`;
  return { fingerprint, cursor, path: `/dead/${fingerprint}/jobs${search}` };
}

const NO_GROUP = html`<section class="panel note"><h1>No such group</h1>
  <p>Nothing that is dead now died of this: its jobs were redriven, discarded, or dead for too long.</p>
  <p><a class="button" href="/dead">All dead jobs</a></p></section>`;

function noQueue(queue: string) {
  return html`<section class="panel note"><h1>No such queue</h1><p>There is no queue “${queue}”.</p></section>`;
}
