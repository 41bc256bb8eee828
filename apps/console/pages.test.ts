import type { ChatwootEvent } from '@switchyard/chatwoot';
import { CallFailure } from '@switchyard/chatwoot';
import { createBotSwitch, type DeadJobs } from '@switchyard/jobs';
import { eventOf } from '@switchyard/jobs/testing';
import { emptyRedis, startProxy } from '@switchyard/testkit';
import { afterEach, beforeEach, describe, expect, inject, test, vi } from 'vitest';
import { openTestConsole, type TestConsole } from './testing-console.ts';
import { openTestYard, type TestYard } from './testing-yard.ts';

const HOSTILE = '</script><script>window.hacked = 1</script><img src=x onerror="window.hacked = 1">';
const PRIYA = {
  id: 17,
  name: 'Priya',
  email: 'priya@example.com',
  phone: null,
  identifier: null,
  blocked: false,
  customAttributes: {},
  city: null,
  country: null,
};

let url: string;
let yard: TestYard;
let operated: TestConsole;
/** What a redrive waits for, where a test wants it to take its time. */
let gate = Promise.resolve();

beforeEach(async () => {
  url = await emptyRedis(inject('redisUrl'));
  yard = await openTestYard(url);
  gate = Promise.resolve();
  const slow = (dead: DeadJobs): DeadJobs => ({
    ...dead,
    redrive: async (target, options) => {
      await gate;
      return dead.redrive(target, options);
    },
  });
  operated = await openTestConsole(url, { chatwootBaseUrl: 'https://chat.example.com', wrapDead: slow });
});
afterEach(async () => {
  await operated.close();
  await yard.close();
});

/** A message in conversation 42 of a contact, with a hostile text. */
function message(over: Partial<ChatwootEvent> = {}): ChatwootEvent {
  return eventOf(42, {
    name: 'message_created',
    contact: PRIYA,
    message: {
      id: 900,
      content: HOSTILE,
      type: 'incoming',
      private: false,
      contentType: 'text',
      sender: { kind: 'contact', id: 17, name: 'Priya' },
      createdAt: null,
      deleted: false,
      automated: false,
      marker: null,
      attachments: 0,
    },
    ...over,
  });
}

async function rest(queue: string, dead: number): Promise<void> {
  await vi.waitFor(async () => {
    const { client } = yard.redis;
    const unsettled = await client.zcard(`{switchyard:0}:unsettled:${queue}`);
    const failed = await client.zcard(`{switchyard:0}:${queue}:failed`);
    expect([unsettled, failed]).toEqual([0, dead]);
  }, 20_000);
}

/** So many jobs that die of the same, and a worker that would do them once `isMended`. */
async function kill(count: number): Promise<{ mend(): void; done: string[] }> {
  const done: string[] = [];
  let isMended = false;
  await yard.work('routing', (event, { step }) =>
    step('assign-team', async () => {
      if (!isMended)
        throw new CallFailure('permanent', `no such team <b>${HOSTILE}</b>`, {
          code: 'NO_TEAM',
          target: 'x',
        });
      done.push(event.delivery.id);
    }),
  );
  await yard.enqueue('routing', ...Array.from({ length: count }, (_, at) => eventOf(100 + at)));
  await rest('routing', count);
  return {
    done,
    mend: () => {
      isMended = true;
    },
  };
}

describe('the overview', () => {
  test('says that the bot is off, who turned it off and since when, and nothing of it while it is on', async () => {
    const look = async () => (await operated.get('/overview/live')).body;
    expect(await look()).not.toContain('The bot is off');
    const bot = createBotSwitch(yard.redis, () => Date.UTC(2026, 2, 4, 9, 30));
    await bot.turn(false, `ada ${HOSTILE}`);
    const page = await look();
    expect(page).toContain('The bot is off');
    expect(page).toContain('by <b>ada ');
    expect(page).toContain('2026-03-04 09:30:00 UTC');
    expect(page).not.toContain('<script>');
    await bot.turn(true, 'ada');
    expect(await look()).not.toContain('The bot is off');
  });

  test('shows every queue, and pauses and resumes one', async () => {
    await yard.enqueue('routing', eventOf(1));
    const page = await operated.get('/');
    expect(page.statusCode).toBe(200);
    for (const queue of ['crm-sync', 'bot-replies', 'routing', 'vip-alerts'])
      expect(page.body).toContain(queue);
    expect(page.body).toContain('1 job waits and no worker is connected');

    expect((await operated.act('/queues/routing/pause')).json()).toEqual({ message: 'routing is paused.' });
    expect((await operated.get('/overview/live')).body).toContain('<b>routing</b> is paused');
    expect((await operated.act('/queues/routing/resume')).json()).toEqual({ message: 'routing goes on.' });
    expect((await operated.get('/overview/live')).body).not.toContain('is paused');
    expect((await operated.act('/queues/nope/pause')).statusCode).toBe(404);
    const said = operated.logged().join('');
    expect(said).toMatch(/"operator":"[0-9a-f]{8}","queue":"routing","msg":"operator: paused a queue"/);
  });
});

describe('the story', () => {
  test('of a conversation says what was decided and why, what was done and what failed', async () => {
    let tries = 0;
    await yard.work(
      'bot-replies',
      async (_event, { step }) => {
        tries += 1;
        await step('reply', async () => ({ messageId: 311 }));
        if (tries === 1) throw new CallFailure('transient', 'busy', { code: 'BUSY', target: 'x' });
        await step('open', async () => undefined);
      },
      { decision: { action: 'reply', reason: 'rule:hours', about: { rule: 'hours', handoffReply: null } } },
    );
    const event = message();
    await yard.enqueue('bot-replies', event);
    await rest('bot-replies', 0);

    for (const q of [
      '3/42',
      '42',
      'https://chat.example.com/app/accounts/3/conversations/42',
      event.delivery.id,
    ]) {
      const page = await operated.get(`/story?q=${encodeURIComponent(q)}`);
      expect([q, page.statusCode]).toEqual([q, 200]);
      const text = textOf(page.body);
      expect(text).toContain('Answered: rule “hours” matched.');
      expect(text).toContain('sent the answer reply messageId 311');
      expect(text).toContain('BUSY busy');
      expect(text).toContain('opened the conversation for humans');
      expect(page.body).toContain('href="https://chat.example.com/app/accounts/3/conversations/42"');
      expect(page.body).toContain('/story?q=3%2Fcontact%2F17');
      expect(page.body).not.toContain('Priya');
      expect(page.body).not.toContain('hacked');
    }
  });

  test('shows what a customer wrote only when asked and until it is done, as text, and the log says so', async () => {
    await yard.enqueue('bot-replies', message());
    const page = await operated.get('/story?q=3/42&personal=1');
    expect(page.body).toContain('priya@example.com');
    expect(page.body).toContain('&lt;script&gt;window.hacked');
    expect(page.body).not.toContain('<script>window');
    const said = operated.logged().filter((line) => line.includes('looked at personal data'));
    expect(said).toHaveLength(1);
    expect(said.join('')).toContain('"subject":"3/42"');
    expect(said.join('')).not.toContain('priya');
    await yard.work('bot-replies', async () => {});
    await rest('bot-replies', 0);
    const done = await operated.get('/story?q=3/42&personal=1');
    expect(done.body).toContain('What was written is no longer kept.');
    expect(done.body).not.toContain('priya@example.com');
  });

  test('of a contact names its conversations', async () => {
    await yard.work('bot-replies', async () => {});
    await yard.enqueue('bot-replies', message());
    await rest('bot-replies', 0);
    const page = await operated.get('/story?q=contact+17');
    expect(page.statusCode).toBe(200);
    expect(textOf(page.body)).toContain('Contact 3/17');
    expect(page.body).toContain('href="/story?q=3%2F42"');
  });

  test.each([
    ['3/99', 404, 'Nothing is known of conversation 3/99.'],
    ['99', 404, 'Nothing is known of conversation 99 in the accounts that had work lately.'],
    ['contact 99', 404, 'Nothing is known of contact 99 in the accounts'],
    [
      '8a535152-c9a5-4ad9-95d7-d307d80729c6',
      404,
      'No delivery 8a535152-c9a5-4ad9-95d7-d307d80729c6 is known.',
    ],
    ['what is this', 404, 'none of what can be looked for'],
    [HOSTILE, 404, 'none of what can be looked for'],
    ['', 200, 'What happened, and why?'],
  ])('of %s, which is not there, is a clear answer', async (q, status, words) => {
    const page = await operated.get(`/story?${new URLSearchParams({ q })}`);
    expect(page.statusCode).toBe(status);
    expect(textOf(page.body)).toContain(words);
    expect(page.body).not.toContain('<script>window');
  });

  test('of a long conversation is cut, and shown whole when asked', async () => {
    await yard.work('bot-replies', async () => {});
    await yard.enqueue('bot-replies', ...Array.from({ length: 65 }, () => message()));
    await rest('bot-replies', 0);
    const page = await operated.get('/story?q=3/42');
    expect(page.body).toContain('Show 5 earlier deliveries');
    expect(page.body.match(/class="delivery"/g)).toHaveLength(60);
    expect((await operated.get('/story?q=3/42&all=1')).body.match(/class="delivery"/g)).toHaveLength(65);
  });
});

describe('dead jobs', () => {
  test('stand in groups, and one, then all are redriven', async () => {
    const { mend, done } = await kill(4);
    const page = await operated.get('/dead');
    const group = /href="\/dead\/([0-9a-f]{12})"/.exec(page.body)?.[1] ?? '';
    expect(textOf(page.body)).toContain('4 jobs in 1 group.');
    expect(page.body).toContain('NO_TEAM');
    expect(page.body).not.toContain('<script>window');
    const opened = await operated.get(`/dead/${group}`);
    expect(opened.body.match(/class="dead-job"/g)).toHaveLength(4);
    expect(opened.body).toContain('Story of 3/100');

    mend();
    const one = await operated.act(`/dead/${group}/redrive`, { limit: 1 });
    expect(one.json()).toEqual({ message: '1 job sent back to work.' });
    await rest('routing', 3);
    expect((await operated.get('/dead/groups')).body).toContain('Redrive all 3');
    const all = await operated.act(`/dead/${group}/redrive`, { limit: null });
    expect(all.json()).toEqual({ message: '3 jobs sent back to work.' });
    await rest('routing', 0);
    expect(done).toHaveLength(4);
    expect((await operated.get('/dead')).body).toContain('Nothing is dead');
    expect((await operated.get(`/dead/${group}`)).statusCode).toBe(404);
    expect((await operated.get(`/dead/${group}/jobs`)).body).toContain('Nothing is dead of this any more');
    // Whoever opens the page later still sees what was done last.
    expect(textOf((await operated.get('/dead')).body)).toContain('3 jobs sent back to work.');
    expect(operated.logged().join('')).toMatch(/"operator":"[0-9a-f]{8}","act":"redrive"/);
  });

  test('one by one: redriven, discarded, and not twice', async () => {
    const { mend } = await kill(2);
    const ids = await yard.redis.client.zrange('{switchyard:0}:routing:failed', '0', '-1');
    mend();
    const [first = '', second = ''] = ids;
    const redriven = await operated.act('/dead/job/redrive', { queue: 'routing', jobId: first });
    expect(redriven.json()).toEqual({ message: '1 job sent back to work.' });
    await rest('routing', 1);
    const again = await operated.act('/dead/job/redrive', { queue: 'routing', jobId: first });
    expect(again.json()).toEqual({ message: 'No job sent back to work. 1 was gone.' });
    const gone = await operated.act('/dead/job/discard', { queue: 'routing', jobId: second });
    expect(gone.json()).toEqual({ message: '1 job discarded.' });
    await rest('routing', 0);
    const unknown = await operated.act('/dead/job/discard', { queue: 'routing', jobId: 'nobody' });
    expect(unknown.json()).toEqual({ message: 'No job discarded. 1 was gone.' });
  });

  test('a second run while one is under way is refused in words; the first can be watched and stopped', async () => {
    const { mend } = await kill(2);
    mend();
    const opening = Promise.withResolvers<void>();
    gate = opening.promise;
    const group = /href="\/dead\/([0-9a-f]{12})"/.exec((await operated.get('/dead')).body)?.[1];
    const begun = await operated.act(`/dead/${group}/redrive`, { limit: null });
    expect(begun.json()).toEqual({ message: 'Redriving all that died of NO_TEAM on routing.' });
    const second = await operated.act(`/dead/${group}/discard`, { limit: null });
    expect([second.statusCode, second.json()]).toEqual([
      409,
      {
        error:
          'A redrive of all that died of NO_TEAM on routing is under way. Wait for its end or stop it first.',
      },
    ]);
    expect((await operated.get('/dead')).body).toContain('data-state="running"');
    expect((await operated.act('/dead/run/stop')).statusCode).toBe(200);
    opening.resolve();
    await vi.waitFor(async () => {
      const run = textOf((await operated.get('/dead/run')).body);
      expect(run).toContain('No job sent back to work. Stopped before the end');
    }, 20_000);
    await rest('routing', 2);
  });

  test.each([
    ['/dead/0123456789ab/redrive', { limit: 1 }, 404],
    ['/dead/0123456789ab/redrive', { limit: 0 }, 400],
    ['/dead/0123456789ab/redrive', { limit: 'all' }, 400],
    ['/dead/0123456789ab/explode', { limit: 1 }, 400],
    ['/dead/nonsense/redrive', { limit: 1 }, 400],
    ['/dead/job/redrive', { queue: 'routing' }, 400],
    ['/dead/job/redrive', { queue: 'nope', jobId: 'x' }, 200],
  ])('%s with %j is answered %i', async (path, body, status) => {
    expect((await operated.act(path, body)).statusCode).toBe(status);
  });

  test.each([
    '/dead/nonsense',
    '/dead/0123456789ab',
    '/dead?queue=nope',
    `/dead?queue=${encodeURIComponent(HOSTILE)}`,
  ])('%s is a clear page', async (path) => {
    const page = await operated.get(path);
    expect(page.statusCode).toBe(404);
    expect(page.body).not.toContain('<script>window');
  });
  test('a cursor that is none is a clear page', async () => {
    await kill(1);
    const group = /href="\/dead\/([0-9a-f]{12})"/.exec((await operated.get('/dead')).body)?.[1];
    expect((await operated.get(`/dead/${group}?cursor=nonsense`)).statusCode).toBe(400);
  });
});

describe('Bull-Board', () => {
  test('shows jobs with everybody’s data masked, and changes nothing', async () => {
    await yard.enqueue('bot-replies', message());
    const listed = await operated.get(
      '/jobs/api/queues?activeQueue=bot-replies&status=latest&page=1&jobsPerPage=10',
    );
    expect(listed.statusCode).toBe(200);
    expect(listed.body).toContain('"id":900');
    for (const secret of ['Priya', 'priya@', 'hacked']) expect(listed.body).not.toContain(secret);
    for (const [method, path] of [
      ['PUT', '/jobs/api/queues/bot-replies/pause'],
      ['PUT', '/jobs/api/queues/bot-replies/clean/completed'],
      ['PUT', '/jobs/api/queues/pause'],
      ['POST', '/jobs/api/queues/bot-replies/add'],
    ] as const) {
      const headers = {
        origin: 'http://localhost:3001',
        'x-switchyard-console': '1',
        host: 'localhost:3001',
      };
      const answer = await operated.app.inject({
        method,
        url: path,
        headers: { ...headers, cookie: operated.cookie },
      });
      expect([path, answer.statusCode]).toEqual([path, 405]);
    }
  });

  test('its page loads nothing from elsewhere and may run nothing inline', async () => {
    const page = await operated.get('/jobs');
    expect(page.statusCode).toBe(200);
    expect(page.body).not.toMatch(/(?:href|src)="(?:https?:)?\/\//);
    expect(page.headers['content-security-policy']).toContain("script-src 'self';");
  });

  test('is reached from a job; one that is gone is a clear page', async () => {
    const event = message();
    await yard.enqueue('bot-replies', event);
    const found = await operated.get(`/job/bot-replies/${event.delivery.id}`);
    expect([found.statusCode, found.headers.location]).toEqual([
      303,
      `/jobs/queue/bot-replies/${event.delivery.id}`,
    ]);
    expect((await operated.get('/job/bot-replies/nobody')).statusCode).toBe(404);
    expect((await operated.get('/job/nope/nobody')).statusCode).toBe(404);
  });

  test('has each shard for itself', async () => {
    await yard.close();
    const sharded = await emptyRedis(inject('redisUrl'));
    yard = await openTestYard(sharded, 2);
    const two = await openTestConsole(sharded, { shards: 2 });
    const event = message();
    await yard.enqueue('bot-replies', event);
    const { location } = (await two.get(`/job/bot-replies/${event.delivery.id}`)).headers;
    expect(decodeURIComponent(String(location))).toMatch(/^\/jobs\/queue\/shard [01] · bot-replies\//);
    const board = encodeURIComponent(decodeURIComponent(String(location)).split('/')[3] ?? '');
    const job = await two.get(`/jobs/api/queues/${board}/${event.delivery.id}`);
    expect([job.statusCode, job.json().job?.id]).toEqual([200, event.delivery.id]);
    await two.close();
  });
});

test('data that no page could show whole neither runs nor hangs it', async () => {
  const depth = 5_000;
  const deep = `${'{"event":'.repeat(depth)}1${'}'.repeat(depth)}`;
  const large = JSON.stringify({
    lane: 'v3-42',
    event: message({ changes: { x: { from: 'y'.repeat(3_000_000), to: 1 } } }),
    since: null,
  });
  const { client } = yard.redis;
  for (const [id, data] of [
    ['deep', deep],
    ['large', large],
    ['no-json', '<script>window.hacked=1</script>{'],
  ] as const) {
    await client.hset(`{switchyard:0}:routing:${id}`, { name: 'x', data, timestamp: '1', opts: '{}' });
    await client.zadd('{switchyard:0}:routing:failed', 1, id);
  }
  const begun = performance.now();
  for (const path of ['/', '/dead', '/story?q=3/42&personal=1', '/job/routing/large']) {
    const page = await operated.get(path);
    expect(page.statusCode).toBeLessThan(500);
    expect(page.body.length).toBeLessThan(100_000);
  }
  expect(performance.now() - begun).toBeLessThan(10_000);
});

test.each([
  ['/', 503],
  ['/story?q=3/42', 503],
  ['/dead', 503],
  ['/dead/0123456789ab', 503],
])('while Redis is away, %s says so and comes back by itself', async (path, status) => {
  const proxy = await startProxy({ targetPort: Number(new URL(url).port) });
  const proxied = new URL(url);
  proxied.port = String(proxy.port);
  const away = await openTestConsole(proxied.href);
  await proxy.cut();
  await vi.waitFor(async () => {
    const page = await away.get(path);
    expect([page.statusCode, textOf(page.body).includes('does not answer')]).toEqual([status, true]);
  }, 20_000);
  const act = await away.act('/queues/routing/pause');
  expect([act.statusCode, act.json().error]).toEqual([503, expect.stringContaining('Redis does not answer')]);
  await proxy.restore();
  await vi.waitFor(async () => expect([200, 404]).toContain((await away.get(path)).statusCode), 20_000);
  await away.close();
  await proxy.close();
});

/** What somebody reads, roughly. */
function textOf(markup: string): string {
  return markup
    .replace(/<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ')
    .replace(/ (?=[.:])/g, '');
}
