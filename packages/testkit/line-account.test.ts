import { Redis } from 'ioredis';
import { afterEach, beforeEach, expect, inject, test, vi } from 'vitest';
import { emptyRedis } from './empty-redis.ts';
import { fixture } from './fixtures.ts';
import { type Line, layLine } from './line.ts';

const P = '{switchyard:0}';
let line: Line;
let redis: Redis;

beforeEach(async () => {
  const redisUrl = await emptyRedis(inject('redisUrl'));
  redis = new Redis(redisUrl);
  line = await layLine({ redisUrl, postgresUrl: inject('postgresUrl') });
});
afterEach(async () => {
  await line.close();
  await redis.quit();
});

test.each([
  ['4.10.1', 'its source’s account', { CHATWOOT_ACCOUNT: '3' }],
  ['4.13.0', 'the only account that the token sees', {}],
])(
  'a conversation as Chatwoot %s announces it, without an account, gets lead and team in %s',
  async (version, _in, env) => {
    const { conversationId } = await line.chatwoot.writeAsCustomer({
      contact: { name: 'Mara', email: 'mara@shop.example' },
      content: 'hello',
    });
    await line.chatwoot.idle();
    await redis.flushdb();
    // The ingress has no token here, as in Compose and the chart.
    await line.start('ingress', { ...env, CHATWOOT_API_TOKEN: '' });
    await Promise.all((['crm-sync', 'routing'] as const).map((name) => line.start(name, env)));
    const { inbox_id: _, ...body } = { ...fixture(`recorded/${version}.conversation_created`).body };
    const payload = JSON.stringify({ ...body, id: conversationId });
    const attempt = await line.chatwoot.send({ url: line.webhookUrl, payload, secret: line.secret });
    expect(attempt.status).toBe(200);
    await vi.waitFor(async () => {
      await line.chatwoot.idle();
      for (const queue of ['crm-sync', 'routing'])
        expect(await redis.zcard(`${P}:unsettled:${queue}`)).toBe(0);
    }, 60_000);
    expect(line.chatwoot.conversation(conversationId).team?.name).toBe('standard support');
    expect(line.crm.leads()).toMatchObject([
      { conversation_url: `${line.chatwoot.url}/app/accounts/3/conversations/${conversationId}` },
    ]);
  },
);
