import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { freePort, hasMain, startApp } from './testing-app.ts';
import { directoryWith } from './testing-directory.ts';

const APPS = ['ingress', 'crm-sync', 'bot-replies', 'routing', 'healer', 'custom-workers'].filter(hasMain);

/** Enough for every app to start, with an admin port of its own and a Redis that is not there. */
async function wholeEnvironment() {
  return {
    REDIS_URL: `redis://127.0.0.1:${await freePort()}`,
    CHATWOOT_BASE_URL: 'https://chat.example.com',
    CHATWOOT_API_TOKEN: 'user-token',
    CHATWOOT_BOT_TOKEN: 'bot-token',
    CHATWOOT_WEBHOOK_SECRET: 'a-secret-of-24-characters',
    CRM_URL: 'https://crm.example.com/leads',
    HOST: '127.0.0.1',
    PORT: '0',
    ADMIN_PORT: String(await freePort()),
  };
}

describe.each(APPS)('%s, as a process', (app) => {
  it('ends at once with a line for each bad variable, and says nothing else', async () => {
    await using folder = directoryWith({});
    const env = { ...(await wholeEnvironment()), REDIS_URL: 'hunter2', SHUTDOWN_TIMEOUT_MS: 'soon' };
    await using process = startApp(app, folder.path, env);
    expect(await process.ended).toBe(1);
    expect(process.stderr).toBe(
      'REDIS_URL: expected a URL such as redis://host:6379, or rediss://host:6379 for TLS; Sentinel: ' +
        'redis+sentinel://host:26379,host:26379/name; Cluster: redis+cluster://host:6379,host:6379\n' +
        'SHUTDOWN_TIMEOUT_MS: expected a whole number from 0 to 600000\n',
    );
    expect(process.stdout).toBe('');
  });

  it('ends at once with a line for each fault in the config file, and says nothing else', async () => {
    const text =
      'export default { dedupe: { hours: "3" }, routing: { rules: [{ when: {}, asign: {} }] } };\n';
    await using folder = directoryWith({ 'switchyard.config.ts': text });
    await using process = startApp(app, folder.path, await wholeEnvironment());
    expect(await process.ended).toBe(1);
    expect(process.stderr).toBe(
      'switchyard.config.ts: dedupe.hours: expected number, received string\n' +
        'switchyard.config.ts: routing.rules[0].when: give at least one condition\n' +
        'switchyard.config.ts: routing.rules[0].asign: no such setting; did you mean assign?\n',
    );
    expect(process.stdout).toBe('');
  });
});

describe.each([
  // The ingress is able to work while its spool takes deliveries; a worker is not.
  ['ingress', 200, 'ready'],
  ['crm-sync', 503, 'not ready'],
  ['bot-replies', 503, 'not ready'],
] as const)('%s without its Redis', (app, readiness, status) => {
  it('stays up, says so once, is alive, tells it on /readyz, and stops in order', async () => {
    const config =
      'export default { bot: { rules: [{ when: { contains: "hours" }, reply: "Always." }] } };\n';
    await using folder = directoryWith({ 'switchyard.config.ts': config });
    const env = { ...(await wholeEnvironment()), SPOOL_DIR: './spool', SHUTDOWN_TIMEOUT_MS: '1000' };
    await using process = startApp(app, folder.path, env);
    const admin = `http://127.0.0.1:${env.ADMIN_PORT}`;

    await until(
      () => process.stdout.includes('Redis is away') && /"msg":"(listening|consuming)"/.test(process.stdout),
    );
    await sleep(1_500); // Several attempts to connect.
    expect((await fetch(`${admin}/healthz`)).status).toBe(200);
    const ready = await fetch(`${admin}/readyz`);
    expect(ready.status).toBe(readiness);
    expect(await ready.json()).toMatchObject({ status, redis: expect.stringContaining('away') });
    expect(process.stdout.split('Redis is away')).toHaveLength(2);

    const toldAt = performance.now();
    process.kill('SIGTERM');
    expect(await process.ended).toBe(0);
    expect(performance.now() - toldAt).toBeLessThan(20_000);
    expect(process.stderr).toBe('');
    const messages = process.stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line).msg);
    expect(messages).toContain('stopping');
    expect(messages.at(-1)).toBe('stopped');
  });
});

async function until(holds: () => boolean): Promise<void> {
  const giveUpAt = performance.now() + 60_000;
  while (!holds()) {
    if (performance.now() > giveUpAt) throw new Error('waited for a minute');
    await sleep(50);
  }
}
