import assert from 'node:assert/strict';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { createCompose, inspect, run } from './testing-compose.ts';
import { openDemoPage } from './testing-demo-page.ts';

// `npm run test:compose`: the compose file on a real engine, with the demo's pretend Chatwoot and CRM. It builds the
// image, works under a project name of its own, and removes all of it at the end, volumes too; the ports of
// docker-compose.yml must be free. COMPOSE=docker-compose takes the old one; WITHOUT=grafana,… leaves services out
// whose images can't be had; KEEP=1 leaves everything running.
const { COMPOSE = 'docker compose', WITHOUT = '', KEEP } = process.env;
const root = join(import.meta.dirname, '..');
const compose = createCompose(COMPOSE, 'switchyard-e2e', root);
const url = {
  ingress: 'http://127.0.0.1:3000',
  page: 'http://127.0.0.1:4300',
  prometheus: 'http://127.0.0.1:9090',
};
const customers = ['priya', 'tom', 'alex'];
const question = 'What are your hours?';
/** Reading all files anew and connecting takes an old machine its time. */
const startMs = 480_000;

const left = WITHOUT.split(',');
const services = (await compose.run('config', '--services'))
  .split('\n')
  .filter(
    (name) =>
      name !== '' &&
      !left.includes(name) &&
      !['caddy', 'ingress-standby', 'custom-workers', 'switchyard'].includes(name),
  );
const apps = services.filter((name) => /^(ingress|crm-sync|bot-replies|routing|healer|console)$/.test(name));

const targets = z.object({
  data: z.object({
    activeTargets: z.array(z.object({ health: z.string(), labels: z.object({ job: z.string() }) })),
  }),
});

let failed = false;
try {
  await step('starts, and everything is healthy', start);
  await step('a question becomes a lead, an answer and a team', oneQuestion);
  await step('a forged delivery is refused', forgery);
  await step('bot-replies is scaled to four, and Prometheus sees each', scale);
  await step(
    'processes are killed in the middle of traffic, and nothing acknowledged is lost or done twice',
    kills,
  );
  await step('stops in order, and goes on after that', stopAndGoOn);
} catch (error) {
  failed = true;
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
} finally {
  if (KEEP === undefined) await compose.run('down', '--volumes', '--remove-orphans');
}
process.exit(failed ? 1 : 0);

async function start(): Promise<string> {
  await compose.run('build');
  await compose.run('up', '--detach', '--no-build', ...services);
  await compose.untilHealthy(services, startMs);
  const image = await inspect((await compose.containers('ingress'))[0] ?? '', '{{.Image}}');
  const bytes = Number((await run('docker', ['image', 'inspect', '--format', '{{.Size}}', image])).trim());
  return `${services.length} services, image of ${Math.round(bytes / 1e6)} MB`;
}

async function oneQuestion(): Promise<string> {
  const page = await openDemoPage(url.page);
  const id = await page.write('priya', question);
  await until(() => {
    const told = page.conversation(id);
    return told?.team === 'Enterprise support' && told.lead !== null && answersIn(page, id) === 1;
  }, `conversation ${id} has its lead, answer and team`);
  await page.close();
  return `conversation ${id}`;
}

async function forgery(): Promise<string> {
  const answer = await fetch(`${url.ingress}/webhooks/chatwoot`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-chatwoot-signature': `sha256=${'0'.repeat(64)}` },
    body: JSON.stringify({ event: 'message_created' }),
  });
  assert.equal(answer.status, 401);
  return '401';
}

async function scale(): Promise<string> {
  await compose.run('up', '--detach', '--no-build', '--scale', 'bot-replies=4', ...services);
  await compose.untilHealthy(['bot-replies'], startMs);
  if (left.includes('prometheus')) return 'four are healthy; no Prometheus here';
  await until(
    async () => (await targetsUp()).filter((job) => job === 'bot-replies').length === 4,
    'four targets are up',
  );
  const up = await targetsUp();
  for (const app of apps) assert.ok(up.includes(app), `${app} is a target`);
  return `targets that are up: ${up.join(', ')}`;
}

/** A customer asks ten times a second, while workers, Redis and the ingress are killed one after another. */
async function kills(): Promise<string> {
  const page = await openDemoPage(url.page);
  const asked: number[] = [];
  const over = new AbortController();
  const traffic = (async () => {
    while (!over.signal.aborted) {
      asked.push(await page.write(customers[asked.length % customers.length] ?? '', question));
      await sleep(100);
    }
  })();
  for (const victim of ['bot-replies', 'crm-sync', 'redis', 'routing', 'ingress']) {
    await sleep(3_000);
    const [container = ''] = await compose.containers(victim);
    await run('docker', ['kill', container]);
    await sleep(3_000);
    // A container that is killed by hand stays down until it is started by hand.
    await run('docker', ['start', container]);
  }
  await sleep(3_000);
  over.abort();
  await traffic;
  const conversations = new Set(asked);
  const acknowledged = () =>
    page.deliveries().filter((each) => each.status === 200 && conversations.has(each.conversation ?? 0));
  const promised = (event: string) =>
    new Set(acknowledged().flatMap((each) => (each.event === event ? [each.conversation ?? 0] : [])));
  await until(
    () => {
      const answered = [...promised('message_created')].every((id) => answersIn(page, id) >= 1);
      return (
        answered &&
        [...promised('conversation_created')].every((id) => {
          const told = page.conversation(id);
          return told?.lead != null && told.team !== null;
        })
      );
    },
    'what was acknowledged has its effect',
    180_000,
  );
  // A second answer would come late, if at all.
  await sleep(5_000);
  for (const id of asked)
    assert.ok(answersIn(page, id) <= 1, `conversation ${id} has ${answersIn(page, id)} answers`);
  const leads = asked.flatMap((id) => page.conversation(id)?.lead?.id ?? []);
  assert.equal(new Set(leads).size, leads.length, 'each conversation has a lead of its own');
  const by = Object.entries(
    Object.groupBy(page.deliveries(), ({ answer, status }) => answer ?? String(status)),
  );
  await page.close();
  return `${asked.length} conversations; deliveries: ${by.map(([answer, each]) => `${each?.length} ${answer}`).join(', ')}`;
}

async function stopAndGoOn(): Promise<string> {
  const startedAt = performance.now();
  await compose.run('stop');
  const seconds = Math.round((performance.now() - startedAt) / 1000);
  for (const service of services) {
    for (const container of await compose.containers(service)) {
      assert.equal(await inspect(container, '{{.State.ExitCode}}'), '0', `${service} ends with 0`);
    }
  }
  await compose.run('up', '--detach', '--no-build', ...services);
  await compose.untilHealthy(services, startMs);
  await oneQuestion();
  return `stopped within ${seconds} s, all with exit code 0`;
}

function answersIn(page: Awaited<ReturnType<typeof openDemoPage>>, id: number): number {
  return page.conversation(id)?.messages.filter(({ author }) => author === 'bot').length ?? 0;
}

/** The jobs of Prometheus's targets that are up, one for each target. */
async function targetsUp(): Promise<readonly string[]> {
  const answer = await fetch(`${url.prometheus}/api/v1/targets?state=active`);
  const { data } = targets.parse(await answer.json());
  return data.activeTargets
    .filter(({ health }) => health === 'up')
    .map(({ labels }) => labels.job)
    .toSorted();
}

async function step(name: string, work: () => Promise<string>): Promise<void> {
  const startedAt = performance.now();
  try {
    const said = await work();
    process.stdout.write(
      `ok    ${name} (${Math.round((performance.now() - startedAt) / 1000)} s): ${said}\n`,
    );
  } catch (error) {
    process.stdout.write(`FAIL  ${name}\n`);
    throw error;
  }
}

async function until(holds: () => boolean | Promise<boolean>, what: string, ms = 90_000): Promise<void> {
  const deadline = Date.now() + ms;
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error(`not within ${ms / 1000} s: ${what}`);
    await sleep(200);
  }
}
