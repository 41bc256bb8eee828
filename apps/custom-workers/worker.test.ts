import { createServer } from 'node:http';
import { CallFailure, type ChatwootEvent } from '@switchyard/chatwoot';
import type { CustomWorkerConfig } from '@switchyard/config';
import { createSend } from '@switchyard/jobs';
import { testingContext, testingRuntime } from '@switchyard/jobs/testing';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createCustomWorker } from './worker.ts';

const event: ChatwootEvent = {
  name: 'contact_updated',
  delivery: { id: 'd-1', source: 'default', kind: 'account', receivedAt: 1 },
  account: 3,
  inbox: null,
  conversation: null,
  contact: null,
  message: null,
  actor: null,
  changes: null,
};

const defaults = {
  events: ['contact_updated'],
  lane: 'conversation',
  concurrency: 10,
  giveUpAfterHours: 24,
  timeoutMs: 300,
  steps: () => {},
} satisfies CustomWorkerConfig;

function start(over: Partial<CustomWorkerConfig>) {
  const sender = createSend({ target: 'mine', timeoutMs: 300, runtime: testingRuntime() });
  onTestFinished(() => sender.close());
  const worker = createCustomWorker({
    name: 'mine',
    worker: { ...defaults, ...over },
    chatwoot: null,
    sender,
  });
  return async () => {
    const { context } = testingContext('mine');
    const decision = worker.decide(event, await worker.facts(event, context));
    await worker.steps(event, decision, context);
    return decision;
  };
}

it('hands facts to decide, and what it decides to steps', async () => {
  const seen: unknown[] = [];
  const run = start({
    facts: () => Promise.resolve({ tier: 'gold' }),
    decide: (_event: unknown, facts: unknown) => ({ action: 'act', reason: 'why', facts }),
    steps: (...given: unknown[]) => void seen.push(given[1]),
  });
  const decision = { action: 'act', reason: 'why', facts: { tier: 'gold' } };
  expect(await run()).toEqual(decision);
  expect(seen).toEqual([decision]);
});

it('takes its steps for every event when it has no decide', async () => {
  expect(await start({})()).toEqual({ action: 'run', reason: 'contact_updated' });
});

it('asks an events function again, and skips what it does not want', async () => {
  const steps = () => {
    throw new Error('must not run');
  };
  expect(await start({ events: () => false, steps })()).toEqual({ action: 'skip', reason: 'not-wanted' });
});

it.each([
  {
    what: 'an events function that throws',
    over: {
      events: () => {
        throw new RangeError('oops');
      },
    },
    code: 'WORKER_EVENTS_FAILED',
    message: 'workers.mine: events: RangeError: oops',
  },
  {
    what: 'a decision that is none',
    over: { decide: () => undefined },
    code: 'WORKER_DECISION_INVALID',
    message: /^workers\.mine: decide: returned no/,
  },
  {
    what: 'a decision with data for a label',
    over: { decide: () => ({ action: 'alert', reason: 'mara@example.com wrote' }) },
    code: 'WORKER_DECISION_INVALID',
    message: /^workers\.mine: decide: returned no/,
  },
  {
    what: 'the use of a Chatwoot that is not configured',
    over: {
      steps: (_event: unknown, _decision: unknown, context: { readonly chatwoot: unknown }) =>
        context.chatwoot,
    },
    code: 'CHATWOOT_NOT_CONFIGURED',
    message: /CHATWOOT_BASE_URL/,
  },
])('$what is a permanent failure', async ({ over, code, message }) => {
  const failed = start(over)();
  await expect(failed).rejects.toThrow(message);
  await expect(failed).rejects.toMatchObject({ failure: 'permanent', code, target: 'mine' });
});

describe('context.send', () => {
  it.each([
    { status: 200, failure: null },
    { status: 404, failure: 'permanent' },
    { status: 409, failure: 'unknown-outcome' },
    { status: 409, read: true, failure: 'transient' },
    { status: 429, failure: 'rate-limited', retryAfterMs: 7_000 },
    { status: 500, failure: 'unknown-outcome' },
    { status: 502, failure: 'unknown-outcome' },
    { status: 503, failure: 'outage' },
    { status: 307, failure: 'permanent' },
    { status: 500, read: true, failure: 'transient' },
    { status: 504, read: true, failure: 'outage' },
    { status: 404, accept: [404], failure: null },
    { status: 0, failure: 'unknown-outcome' },
    { status: 0, read: true, failure: 'outage' },
  ])(
    '$status (read: $read) is $failure',
    async ({ status, read = false, accept = [], failure, retryAfterMs }) => {
      const url = await answering(status);
      const answer = start({
        steps: (_event: unknown, _decision: unknown, { send }: { send(call: object): Promise<unknown> }) =>
          send({ url, accept, ...(read ? {} : { json: { a: 1 } }) }),
      })();
      if (failure === null) await answer;
      else
        await expect(answer).rejects.toMatchObject({
          failure,
          target: 'mine',
          ...(retryAfterMs && { retryAfterMs }),
        });
      if (failure !== null) await expect(answer).rejects.toBeInstanceOf(CallFailure);
    },
  );
});

/** Answers this status; 0 not at all. */
async function answering(status: number): Promise<string> {
  const server = createServer((_request, response) => {
    if (status !== 0) response.writeHead(status, { 'retry-after': '7' }).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  return `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}/`;
}
