import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { chromiumArgs, findChromium, type RunningProcess, startProcess } from '@switchyard/testkit';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const executablePath = await findChromium(process.env);
const title =
  executablePath === null
    ? 'the sandbox in a browser: skipped, there is no Chromium here (apt-get install chromium, or CHROMIUM_PATH)'
    : 'the sandbox in a browser';

// One visit, step by step: each test goes on where the one before it stopped.
describe.skipIf(executablePath === null)(title, () => {
  let folder: string;
  let sandbox: RunningProcess;
  let browser: Browser;
  let page: Page;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sandbox-e2e-'));
    sandbox = await startProcess({
      name: 'sandbox',
      command: process.execPath,
      args: [join(import.meta.dirname, 'main.ts')],
      cwd: dirname(dirname(import.meta.dirname)),
      env: { ...process.env, SANDBOX_PORT: '0', TMPDIR: folder },
      readyLine: 'Switchyard sandbox: http',
      readyMs: 120_000,
    });
    browser = await chromium.launch({ executablePath: executablePath ?? '', args: [...chromiumArgs] });
    page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
    page.setDefaultTimeout(60_000);
    const line = await sandbox.waitForLog('Switchyard sandbox: http', 10_000);
    await page.goto(line.slice(line.indexOf('http')));
    await page.getByText('All healthy').waitFor();
  }, 240_000);

  afterAll(async () => {
    await browser?.close();
    await sandbox?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  test('an enterprise customer gets an answer, a team and a lead', async () => {
    await page.getByRole('button', { name: 'What are your hours?' }).click();
    await botSays(page, "We're open Monday-Friday");
    await fact(page, 'team', 'Enterprise support');
    await fact(page, 'priority', 'high');
    await fact(page, 'lead', 'priya.sharma@globex.example');
    const created = delivery(page, 'conversation_created').first();
    await created.getByText('lead in CRM').waitFor();
    await created.getByText('team Enterprise support').waitFor();
    await delivery(page, 'message_created').getByText('bot answered').waitFor();
  });

  test('a yes to the offer hands the conversation to Sales', async () => {
    await page.getByRole('button', { name: 'How much does it cost?' }).click();
    await botSays(page, 'Would you like me to connect you with our sales team?');
    await page.getByRole('button', { name: 'Yes please' }).click();
    await botSays(page, "I'm connecting you with our sales team");
    await fact(page, 'team', 'Sales');
  });

  test('a delivery that comes twice takes effect once', async () => {
    await experiment(page, 'duplicate').click();
    await happened(page, 'duplicate', /Answered 200 “duplicate” .* Still 3 answers and 1 lead\./);
    expect(await page.locator('.message[data-author=bot]').count()).toBe(3);
  });

  test('a forged delivery is refused', async () => {
    await experiment(page, 'wrong-signature').click();
    await happened(page, 'wrong-signature', /Answered 401 “refused” .* Nothing got on the line\./);
    await page.locator('.answer[data-answer=refused]').waitFor();
  });

  test('a lead waits while the CRM is off, and arrives when it is back', async () => {
    await experiment(page, 'crm').click();
    await page.getByText('CRM switched off').waitFor();
    await page.getByRole('radio', { name: 'Tom standard' }).check({ force: true });
    await page.getByRole('textbox', { name: 'Message' }).fill('Are you open on Sunday?');
    await page.getByRole('button', { name: 'Send', exact: true }).click();
    await botSays(page, "We're open Monday-Friday");
    await fact(page, 'team', 'Standard support');
    await page.getByText('no lead yet').waitFor();
    await happened(page, 'crm', /Jobs waiting: 1\./);
    await experiment(page, 'crm').click();
    await fact(page, 'lead', 'tom@beckers-bikes.example');
    await happened(page, 'crm', /Back; 1 waiting job done within/);
    await page.getByText('All healthy').waitFor();
  });

  test('a killed worker is started again', async () => {
    await page.getByRole('combobox', { name: 'Which process' }).selectOption('routing');
    await experiment(page, 'kill').click();
    await happened(page, 'kill', /routing was killed and was at work again/);
    await page.getByText('All healthy').waitFor();
  });

  test('the lines of every process can be read', async () => {
    await page.getByRole('tab', { name: /Logs/ }).click();
    await page.locator('#log-process').selectOption('crm-sync');
    await page.locator('#logs li', { hasText: 'job done' }).first().waitFor();
    expect(await page.locator('#logs b').allTextContents()).not.toContain('ingress');
  });

  test('SIGINT stops everything and leaves nothing behind', async () => {
    const children = await descendants(sandbox.pid);
    expect(children.length).toBeGreaterThanOrEqual(6);
    const exit = await sandbox.stop('SIGINT', 60_000);
    expect(exit).toEqual({ code: 0, signal: null });
    await expect.poll(() => children.filter(isAlive), { timeout: 30_000 }).toEqual([]);
    expect(await readdir(folder)).toEqual([]);
  });
});

async function botSays(page: Page, text: string): Promise<void> {
  await page.locator('.message[data-author=bot]', { hasText: text }).last().waitFor();
}

async function fact(page: Page, name: string, text: string): Promise<void> {
  await page.locator(`#facts [data-fact=${name}]`, { hasText: text }).waitFor();
}

function delivery(page: Page, event: string) {
  return page.locator(`.delivery[data-event=${event}]`);
}

function experiment(page: Page, name: string) {
  return page.locator(`button[data-experiment=${name}]`);
}

async function happened(page: Page, name: string, words: RegExp): Promise<void> {
  const row = page.locator('.experiment', { has: page.locator(`button[data-experiment=${name}]`) });
  await row.locator('.happened', { hasText: words }).waitFor();
}

/** The processes below this one; Linux only, elsewhere none. */
async function descendants(pid: number): Promise<number[]> {
  const listed = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8').catch(() => '');
  const children = listed.split(' ').filter(Boolean).map(Number);
  return [...children, ...(await Promise.all(children.map(descendants))).flat()];
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
