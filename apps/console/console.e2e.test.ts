import { createServer } from 'node:http';
import { join } from 'node:path';
import {
  chromiumArgs,
  emptyRedis,
  findChromium,
  freePort,
  type Line,
  layLine,
  type RunningProcess,
  seedCustomers,
  startProcess,
} from '@switchyard/testkit';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, inject, test, vi } from 'vitest';

const ROOT = join(import.meta.dirname, '../..');
const PASSWORD = 'correct horse battery';
const HOSTILE =
  'How much does it cost? </script><script>window.hacked=1</script><img src=x onerror="window.hacked=1">';
const SIZES = [
  ['a laptop', { width: 1280, height: 800 }],
  ['a phone', { width: 390, height: 844 }],
] as const;

const executablePath = await findChromium(process.env);
const title =
  executablePath === null
    ? 'the console in a browser: skipped, there is no Chromium here (apt-get install chromium, or CHROMIUM_PATH)'
    : 'the console in a browser';

// The whole line with things gone wrong, and one operator: each test goes on where the one before it stopped.
describe.skipIf(executablePath === null)(title, () => {
  let line: Line;
  let operated: RunningProcess;
  let browser: Browser;
  let page: Page;
  let url: string;
  let conversation: number;
  let endFault: () => void;

  beforeAll(async () => {
    const redisUrl = await emptyRedis(inject('redisUrl'));
    const postgresUrl = inject('postgresUrl');
    await seedCustomers(postgresUrl, [
      { email: 'priya@enterprise.example', subscription_tier: 'enterprise', name: 'Priya' },
    ]);
    line = await layLine({ redisUrl, postgresUrl });
    const { chatwoot, crm } = line;
    for (const agent of [chatwoot.ids.agent, chatwoot.ids.secondAgent])
      chatwoot.setAvailability(agent, 'offline');
    const [port, adminPort] = [await freePort(), await freePort()];
    url = `http://127.0.0.1:${port}`;
    const starting = (['ingress', 'crm-sync', 'bot-replies', 'routing'] as const).map((name) =>
      line.start(name),
    );
    operated = await startProcess({
      name: 'console',
      command: process.execPath,
      args: [join(import.meta.dirname, 'main.ts')],
      cwd: ROOT,
      readyUrl: `http://127.0.0.1:${adminPort}/readyz`,
      env: {
        PATH: process.env.PATH,
        REDIS_URL: redisUrl,
        HOST: '127.0.0.1',
        ADMIN_PORT: String(adminPort),
        CONSOLE_PORT: String(port),
        CONSOLE_PASSWORD: PASSWORD,
        CHATWOOT_BASE_URL: chatwoot.url,
      },
    });
    await Promise.all(starting);
    endFault = crm.faults.add({ kind: 'status', status: 422 });
    for (let at = 1; at < 13; at += 1) {
      chatwoot.writeAsCustomer({
        contact: { name: `Sam ${at}`, email: `sam${at}@standard.example` },
        content: 'Hello',
      });
    }
    const contact = { name: 'Priya', email: 'priya@enterprise.example' };
    conversation = chatwoot.writeAsCustomer({ contact, content: HOSTILE }).conversationId;
    browser = await chromium.launch({ executablePath: executablePath ?? '', args: [...chromiumArgs] });
    page = await (await browser.newContext({ viewport: SIZES[0][1] })).newPage();
    page.setDefaultTimeout(20_000);
  }, 120_000);
  afterAll(async () => {
    await browser?.close();
    await operated?.stop();
    await line?.close();
  });

  async function nothingRan(): Promise<void> {
    expect(await page.evaluate('window.hacked')).toBeUndefined();
  }

  /** On every size: nothing sticks out, nothing ran. */
  async function looksWell(): Promise<void> {
    for (const [, size] of SIZES) {
      await page.setViewportSize(size);
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(size.width);
      await nothingRan();
    }
    await page.setViewportSize(SIZES[0][1]);
  }

  test('a wrong password is refused, the right one leads to where the operator wanted to go', async () => {
    await page.goto(`${url}/dead`);
    await page.getByLabel('Password').fill('not this one');
    await page.getByRole('button', { name: 'Log in' }).click();
    await page.getByText('That is not the password.').waitFor();
    await page.getByLabel('Password').fill(PASSWORD);
    await page.getByRole('button', { name: 'Log in' }).click();
    await page.getByRole('heading', { name: 'Dead jobs' }).waitFor();
  });

  test('the overview shows what goes wrong while it does, and pauses a queue', async () => {
    await page.getByRole('link', { name: 'Overview' }).click();
    await page.getByText('13 jobs are dead').waitFor();
    const routing = page.getByRole('article', { name: 'routing' });
    await routing.getByRole('button', { name: 'Pause' }).click();
    await page.getByRole('button', { name: 'Pause it' }).click();
    await page.getByText('routing is paused.').waitFor();
    await routing.getByText('paused', { exact: true }).waitFor();
    await routing.getByRole('button', { name: 'Resume' }).click();
    await routing.getByRole('button', { name: 'Pause' }).waitFor();
    await looksWell();
  });

  test.each(SIZES)('the story of a conversation, on %s', async (_what, size) => {
    await page.setViewportSize(size);
    await page.getByRole('searchbox').fill(String(conversation));
    await page.getByRole('searchbox').press('Enter');
    await page
      .getByRole('heading', { name: `Conversation ${line.chatwoot.accountId}/${conversation}` })
      .waitFor();
    const text = (await page.locator('main').textContent()) ?? '';
    expect(text).toMatch(/Assigned: rule “enterprise” matched\./);
    expect(text).toMatch(/Answered: rule “pricing” matched\./);
    expect(text).toContain('sent the answer');
    expect(text).toContain('CRM_REJECTED');
    expect(text).not.toContain('Priya');
    expect(text).not.toContain('hacked');
    await looksWell();

    await page.getByRole('link', { name: 'Show personal data' }).click();
    // What died is there with who it was; what is done is not.
    await page.getByText('What was written is no longer kept.').first().waitFor();
    await page.getByText('priya@enterprise.example').first().waitFor();
    await looksWell();
    await page.getByRole('link', { name: 'Hide personal data' }).click();
    await page.getByRole('link', { name: 'Show personal data' }).waitFor();
  });

  test('Bull-Board shows the jobs, with what was written masked', async () => {
    const board = await page.context().newPage();
    await board.goto(`${url}/jobs/queue/crm-sync?status=failed`);
    await board.getByText('CRM_REJECTED').first().waitFor();
    const shown = await board.evaluate(async () => {
      const listed = await fetch('/jobs/api/queues?activeQueue=crm-sync&status=failed&page=1&jobsPerPage=50');
      return listed.text();
    });
    expect(shown).toContain('•••');
    for (const secret of ['priya@', 'Sam 1', 'hacked']) expect(shown).not.toContain(secret);
    expect(await board.evaluate('window.hacked')).toBeUndefined();
    await board.close();
  });

  test('the same by its address in Chatwoot; from there to what died of the same', async () => {
    const address = `${line.chatwoot.url}/app/accounts/${line.chatwoot.accountId}/conversations/${conversation}`;
    await page.getByRole('searchbox').fill(address);
    await page.getByRole('button', { name: 'Find' }).click();
    const out = page.getByRole('link', { name: 'Open in Chatwoot' });
    expect(await out.getAttribute('href')).toBe(address);
    await page.getByRole('link', { name: /All that died of the same/ }).click();
    await page.getByRole('heading', { name: 'Its jobs' }).waitFor();
    expect(await page.locator('.dead-job').count()).toBe(13);
    await looksWell();
  });

  test('one is discarded, after a question that can be taken back', async () => {
    const last = page.locator('.dead-job').last();
    const discard = last.getByRole('button', { name: 'Discard' });
    await discard.click();
    await page.getByRole('button', { name: 'Keep it' }).click();
    expect(await page.locator('.dead-job').count()).toBe(13);
    await discard.click();
    await page.getByRole('button', { name: 'Discard for good' }).click();
    await page.locator('.run').getByText('1 job discarded.').waitFor();
    await vi.waitFor(async () => expect(await page.locator('.dead-job').count()).toBe(12), 10_000);
  });

  test('one, ten, then all are redriven once the cause is mended, and their leads are there once', async () => {
    endFault();
    await page.getByRole('button', { name: 'Redrive 1', exact: true }).click();
    await page.locator('.run').getByText('1 job sent back to work.').waitFor();
    await page.getByRole('button', { name: 'Redrive 10', exact: true }).click();
    await page.locator('.run').getByText('10 jobs sent back to work.').waitFor();
    await page.reload();
    await page.locator('.run').getByText('10 jobs sent back to work.').waitFor();
    await page.getByRole('button', { name: 'Redrive it' }).click();
    await page.getByText('Nothing is dead of this any more.').waitFor();
    await vi.waitFor(() => expect(line.crm.leads()).toHaveLength(12), 20_000);
    await page.getByRole('link', { name: 'Dead jobs' }).first().click();
    await page.getByText('Nothing is dead.').waitFor();
  });

  test('another page in the same browser, of another port and so with the cookie, can do nothing', async () => {
    const other = createServer((_request, response) => {
      response.setHeader('content-type', 'text/html').end('<!doctype html><title>another page</title>');
    });
    const port = await freePort();
    await new Promise<void>((resolve) => other.listen(port, '127.0.0.1', resolve));
    const stranger = await page.context().newPage();
    await stranger.goto(`http://127.0.0.1:${port}/`);
    const fates = await stranger.evaluate(async (target) => {
      const act = `${target}/queues/routing/pause`;
      const sent = [
        fetch(act, { method: 'POST', mode: 'no-cors', credentials: 'include' }),
        fetch(act, { method: 'POST', credentials: 'include', headers: { 'x-switchyard-console': '1' } }),
        fetch(`${target}/overview/live`, { credentials: 'include' }),
      ];
      return (await Promise.allSettled(sent)).map(({ status }) => status);
    }, url);
    // The first is sent, and refused by the console; the others the browser does not even send with what they need.
    expect(fates).toEqual(['rejected', 'rejected', 'rejected']);
    await stranger.close();
    other.closeAllConnections();
    await new Promise((resolve) => other.close(resolve));
    await page.goto(url);
    await page.getByRole('article', { name: 'routing' }).getByRole('button', { name: 'Pause' }).waitFor();
  });

  test('logging out ends it', async () => {
    await page.getByRole('button', { name: 'Log out' }).click();
    await page.getByLabel('Password').waitFor();
    await page.goto(url);
    expect(new URL(page.url()).pathname).toBe('/login');
    expect(operated.logs().join('\n')).not.toContain(PASSWORD);
  });
});
