import { readFileSync } from 'node:fs';
import { connectRedis } from '@switchyard/jobs';
import { createLogger } from '@switchyard/telemetry';
import { emptyRedis, type Line, layLine } from '@switchyard/testkit';
import { afterAll, beforeAll, beforeEach, expect, inject, it, vi } from 'vitest';
import { startChat } from './testing-chat.ts';

const EXAMPLE = new URL('./example.config.ts', import.meta.url);
const UNSETTLED = '{switchyard:0}:unsettled:vip-alerts';
/** A worker's lock is 20 s, and what a dead one held is taken over within seconds after. */
const TAKEN_OVER_MS = 90_000;

let line: Line;
let chat: Awaited<ReturnType<typeof startChat>>;
let redis: ReturnType<typeof connectRedis>;

beforeAll(async () => {
  const redisUrl = await emptyRedis(inject('redisUrl'));
  const log = createLogger({ app: 'test', level: 'silent' });
  redis = connectRedis({ url: redisUrl, log, temper: 'patient' });
  chat = await startChat();
  line = await layLine({
    redisUrl,
    postgresUrl: inject('postgresUrl'),
    env: { SWITCHYARD_CONFIG: 'apps/custom-workers/example.config.ts', TEAM_CHAT_URL: chat.url, CRM_URL: '' },
  });
  // Whatever happens in Chatwoot is told twice, as with two webhooks that point here.
  line.chatwoot.addWebhook({ url: line.webhookUrl, secret: line.secret });
  await line.start('ingress');
});
beforeEach(() => {
  chat.posts.length = 0;
  chat.lookups.length = 0;
});
afterAll(async () => {
  await line?.close();
  await chat?.close();
  await redis?.close();
});

async function customer(tier: string, priority: string | null): Promise<number> {
  const { conversationId } = await line.chatwoot.writeAsCustomer({
    contact: { name: 'Priya', email: `${tier}-${Math.random()}@shop.example`, customAttributes: { tier } },
    content: 'Nothing works!',
  });
  if (priority !== null) await setPriority(conversationId, priority);
  await line.chatwoot.idle();
  return conversationId;
}

async function setPriority(conversation: number, priority: string): Promise<void> {
  const path = `/api/v1/accounts/3/conversations/${conversation}/toggle_priority`;
  const response = await fetch(`${line.chatwoot.url}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', api_access_token: line.chatwoot.tokens.administrator },
    body: JSON.stringify({ priority }),
  });
  expect(response.status).toBe(200);
}

const atRest = (ms: number) =>
  vi.waitFor(async () => expect(await redis.client.zcard(UNSETTLED)).toBe(0), { timeout: ms, interval: 100 });

it('is the example of docs/custom-workers.md, word for word', () => {
  const page = readFileSync(new URL('../../docs/custom-workers.md', import.meta.url), 'utf8');
  expect(page).toContain(`\`\`\`ts\n${readFileSync(EXAMPLE, 'utf8')}\`\`\``);
});

it('posts once for a delivery that comes twice, and only for whom it is meant', async () => {
  await customer('standard', 'urgent');
  await customer('enterprise', null);
  const conversation = await customer('enterprise', 'urgent');
  const worker = await line.start('custom-workers');
  await atRest(60_000);
  expect(chat.posts).toEqual([
    {
      id: expect.stringMatching(/^vip-alerts:.+:post-alert$/),
      text: `Urgent: conversation ${conversation} of an enterprise customer`,
    },
  ]);
  const metrics = await (await fetch(`${worker.adminUrl}/metrics`)).text();
  for (const [action, reason] of [
    ['alert', 'urgent-enterprise'],
    ['none', 'not-urgent'],
    ['none', 'not-enterprise'],
  ]) {
    expect(metrics).toContain(
      `switchyard_decisions_total{queue="vip-alerts",action="${action}",reason="${reason}"} 1`,
    );
  }
  expect(metrics).toContain(
    'switchyard_outbound_calls_total{target="vip-alerts",operation="post",status="201"} 1',
  );
  expect(await worker.stop('SIGTERM')).toEqual({ code: 0, signal: null });
});

it(
  'posts once though its worker is killed after the chat took the message and before it said so',
  async () => {
    chat.hold();
    await customer('enterprise', 'urgent');
    const first = await line.start('custom-workers');
    await vi.waitFor(() => expect(chat.posts).toHaveLength(1), 60_000);
    await first.stop('SIGKILL');
    chat.answer();
    await line.start('custom-workers');
    await atRest(TAKEN_OVER_MS);
    expect(chat.posts).toHaveLength(1);
    expect(chat.lookups).toEqual([chat.posts[0]?.id]);
  },
  TAKEN_OVER_MS + 60_000,
);
