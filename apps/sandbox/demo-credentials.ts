import { randomBytes } from 'node:crypto';
import { readFile, rename, writeFile } from 'node:fs/promises';

/** What the apps of the demo are told, by the names of their variables. */
export type DemoCredentials = Readonly<Record<(typeof names)[number], string>>;

const names = [
  'CHATWOOT_BASE_URL',
  'CHATWOOT_API_TOKEN',
  'CHATWOOT_BOT_TOKEN',
  'CHATWOOT_WEBHOOK_SECRET',
  'CRM_URL',
  'CRM_API_KEY',
  'CUSTOMERS_DATABASE_URL',
  'CONSOLE_PASSWORD',
  'GRAFANA_PASSWORD',
] as const;

/** By which names and ports the other containers reach the demo's. */
export const demoAddress = { host: 'demo', chatwootPort: 4301, crmPort: 4302 } as const;

/**
 * The demo's credentials: made at random the first time, and kept in `file` for the other containers and for the
 * next start.
 *
 * @returns also how often the demo was started on this volume before
 */
export async function keepCredentials(
  file: string,
): Promise<{ readonly credentials: DemoCredentials; readonly starts: number }> {
  const kept = (await read(file)) ?? make();
  const startsFile = `${file}.starts`;
  const starts = Number((await textOf(startsFile)) ?? 0);
  await write(startsFile, String(starts + 1));
  await write(file, `${names.map((name) => `${name}=${kept[name]}`).join('\n')}\n`);
  return { credentials: kept, starts };
}

function make(): DemoCredentials {
  const { host, chatwootPort, crmPort } = demoAddress;
  return {
    CHATWOOT_BASE_URL: `http://${host}:${chatwootPort}`,
    CHATWOOT_API_TOKEN: random(),
    CHATWOOT_BOT_TOKEN: random(),
    CHATWOOT_WEBHOOK_SECRET: random(),
    CRM_URL: `http://${host}:${crmPort}/leads`,
    CRM_API_KEY: random(),
    CUSTOMERS_DATABASE_URL: `postgres://switchyard:${random()}@postgres:5432/customers`,
    CONSOLE_PASSWORD: random(),
    GRAFANA_PASSWORD: random(),
  };
}

/** null where there is none, or not all of it. */
async function read(file: string): Promise<DemoCredentials | null> {
  const lines = ((await textOf(file)) ?? '').split('\n');
  const found = new Map(
    lines.map((line): [string, string] => {
      const [name = '', ...value] = line.split('=');
      return [name, value.join('=')];
    }),
  );
  const complete = { ...make() };
  for (const name of names) {
    const value = found.get(name);
    if (value === undefined || value === '') return null;
    complete[name] = value;
  }
  return complete;
}

function random(): string {
  return randomBytes(16).toString('hex');
}

async function textOf(file: string): Promise<string | null> {
  try {
    return await readFile(file, 'utf8');
  } catch {
    return null;
  }
}

/** Whole or not at all. Other containers read it as other users. */
async function write(file: string, text: string): Promise<void> {
  await writeFile(`${file}.new`, text, { mode: 0o644 });
  await rename(`${file}.new`, file);
}
