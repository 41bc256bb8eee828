import { describe, expect, it } from 'vitest';
import { inspectConfig, loadCliConfig } from './cli.ts';
import { ConfigError } from './error.ts';
import { directoryWith } from './testing-directory.ts';

const CONFIG = 'export default { bot: { rules: [{ when: { contains: "hours" }, reply: "Always." }] } };\n';

describe('the configuration of the command line', () => {
  it('needs nothing', async () => {
    await using folder = directoryWith({});
    expect(await loadCliConfig({ env: {}, cwd: folder.path })).toMatchObject({
      file: null,
      redisUrl: 'redis://127.0.0.1:6379',
      shards: 1,
      sources: {},
      chatwoot: { baseUrl: null, apiToken: null },
      crm: null,
      customersDatabaseUrl: null,
    });
  });

  it('has what is there', async () => {
    await using folder = directoryWith({ 'switchyard.config.ts': CONFIG });
    const env = {
      CHATWOOT_WEBHOOK_SECRET: 'a-secret-of-24-characters',
      CRM_URL: 'https://crm.example.com',
      SHARDS: '4',
    };
    expect(await loadCliConfig({ env, cwd: folder.path })).toMatchObject({
      file: 'switchyard.config.ts',
      shards: 4,
      queues: ['crm-sync', 'bot-replies', 'handover'],
      sources: { default: { kind: 'account', secrets: ['a-secret-of-24-characters'] } },
      crm: { url: 'https://crm.example.com', apiKey: null },
    });
  });

  it('refuses a bad variable', async () => {
    await using folder = directoryWith({});
    await expect(loadCliConfig({ env: { SHARDS: 'many' }, cwd: folder.path })).rejects.toThrow(ConfigError);
  });
});

describe('an inspection', () => {
  it('tells every fault of environment and file, and reads the rest', async () => {
    await using folder = directoryWith({ 'switchyard.config.ts': 'export default { bot: {} };\n' });
    const env = { SHARDS: 'many', REDIS_URL: 'localhost', CHATWOOT_BASE_URL: 'https://chat.example.com' };
    const found = await inspectConfig({ env, cwd: folder.path });
    expect(found.environment).toEqual([
      expect.stringMatching(/^REDIS_URL: expected/),
      'SHARDS: expected a whole number from 1 to 1000',
    ]);
    expect(found.file).toEqual([expect.stringMatching(/^switchyard\.config\.ts: bot\.rules: /)]);
    expect(found.config.chatwoot.baseUrl).toBe('https://chat.example.com');
    expect(found.config.shards).toBe(1);
  });

  it('finds nothing wrong with what is right', async () => {
    await using folder = directoryWith({ 'switchyard.config.ts': CONFIG });
    const found = await inspectConfig({ env: {}, cwd: folder.path });
    expect([found.environment, found.file]).toEqual([[], []]);
    expect(found.config.bot?.rules).toHaveLength(1);
  });
});
