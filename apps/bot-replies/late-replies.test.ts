import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { emptyRedis, type Line, layLine } from '@switchyard/testkit';
import { afterAll, beforeAll, expect, inject, it, vi } from 'vitest';

/** 1.2 seconds: an outage longer than this is one that no answer outlives. */
const ANSWER_WITHIN_MINUTES = 0.02;

let line: Line;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'switchyard-late-'));
  const config = {
    bot: {
      answerWithinMinutes: ANSWER_WITHIN_MINUTES,
      rules: [{ when: { contains: 'hours' }, reply: 'Nine to six.' }],
    },
  };
  await writeFile(join(folder, 'switchyard.config.json'), JSON.stringify(config));
  line = await layLine({
    redisUrl: await emptyRedis(inject('redisUrl')),
    postgresUrl: inject('postgresUrl'),
    env: { SWITCHYARD_CONFIG: join(folder, 'switchyard.config.json'), CRM_URL: '' },
  });
  line.chatwoot.connectBot({ url: line.webhookUrl, secret: line.secret });
  await Promise.all([line.start('ingress'), line.start('bot-replies')]);
});
afterAll(async () => {
  await line?.close();
  await rm(folder, { recursive: true });
});

it('leaves what came in while Chatwoot’s API was away to humans, with one private note', async () => {
  await line.chatwoot.faults.down();
  const { conversationId } = line.chatwoot.writeAsCustomer({
    contact: { name: 'Mara', email: 'mara@shop.example' },
    content: 'What are your hours?',
  });
  line.chatwoot.writeAsCustomer({ conversationId, content: 'Hello? Your hours?' });
  await line.chatwoot.idle();
  await sleep(ANSWER_WITHIN_MINUTES * 60_000 + 100);
  expect(line.chatwoot.conversation(conversationId).status).toBe('pending');
  await line.chatwoot.faults.up();

  await vi.waitFor(() => expect(line.chatwoot.conversation(conversationId).status).toBe('open'), 20_000);
  await line.chatwoot.writeAsCustomer({ conversationId, content: 'hours, please' });
  await sleep(1_000);
  const written = line.chatwoot.messages(conversationId).filter(({ type }) => type === 'outgoing');
  expect(written).toEqual([
    expect.objectContaining({ private: true, content: expect.stringContaining('could not answer') }),
  ]);
});
