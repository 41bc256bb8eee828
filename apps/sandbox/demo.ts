import { keepCredentials } from './demo-credentials.ts';
import { Opened } from './opened.ts';

// The container `demo` of docker-compose.yml: a pretend Chatwoot and CRM for apps that run in containers of their own.
const { CHATWOOT_BASE_URL, SWITCHYARD_DEMO_FILE, REDIS_URL } = process.env;
const stopping = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => stopping.abort());

if ((CHATWOOT_BASE_URL ?? '').trim() !== '') {
  fail(
    'CHATWOOT_BASE_URL: set, so this installation has a Chatwoot of its own. Run the demo without its .env, under ' +
      'another name: docker compose --project-name switchyard-demo --env-file /dev/null --profile demo up',
  );
}
if (SWITCHYARD_DEMO_FILE === undefined || REDIS_URL === undefined) {
  fail('SWITCHYARD_DEMO_FILE and REDIS_URL: not set; start the demo with docker compose --profile demo up');
}

// Before anything else is loaded: the other containers wait for it.
const { credentials, starts } = await keepCredentials(SWITCHYARD_DEMO_FILE);
const { startDemo } = await import('./demo-line.ts');
const opened = new Opened();
const { url } = await startDemo({
  credentials,
  starts,
  redisUrl: REDIS_URL,
  opened,
  signal: stopping.signal,
});
say(`open ${url} and write as a customer`);
say(
  'console http://127.0.0.1:3001, Grafana http://127.0.0.1:3002 (user admin), Prometheus http://127.0.0.1:9090',
);
say(
  `their passwords were made for this demo: docker compose exec demo grep PASSWORD ${SWITCHYARD_DEMO_FILE}`,
);
await new Promise<void>((resolve) => {
  if (stopping.signal.aborted) resolve();
  stopping.signal.addEventListener('abort', () => resolve());
});
for (const failure of await opened.close()) process.stderr.write(`did not stop in order: ${failure}\n`);
process.exit(0);

function say(line: string): void {
  process.stdout.write(`Switchyard demo: ${line}\n`);
}

function fail(line: string): never {
  process.stderr.write(`${line}\n`);
  process.exit(1);
}
