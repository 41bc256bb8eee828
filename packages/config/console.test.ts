import { describe, expect, it } from 'vitest';
import { loadConsoleConfig } from './config.ts';
import { ConfigError } from './error.ts';
import { directoryWith } from './testing-directory.ts';

const PASSWORD = 'correct horse battery';

describe('the console', () => {
  it('refuses to start without a password and without being told that none is wanted', async () => {
    expect(await linesOf({})).toEqual([
      'CONSOLE_PASSWORD: not set; give the console one of at least 12 characters, or let in whoever reaches its port ' +
        'with CONSOLE_AUTH=none',
    ]);
    expect(await linesOf({ CONSOLE_PASSWORD: '  ' })).toHaveLength(1);
  });

  it.each([
    'short',
    'elevenchars',
    'password1234',
    'Password-2026!',
    'switchyard-console',
    'changemechangeme',
    'admin-admin-admin',
    'qwertyqwerty12',
    'aaaaaaaaaaaaaa',
    'abcabcabcabcabc',
    '123456789012',
    'hunter2hunter2',
  ])('refuses %s, and does not repeat it', async (password) => {
    const lines = await linesOf({ CONSOLE_PASSWORD: password });
    expect(lines).toEqual([expect.stringMatching(/^CONSOLE_PASSWORD: expected at least 12 characters/)]);
    expect(lines.join()).not.toContain(password);
  });

  it.each([PASSWORD, 'vT9#kq2Lm!xR', 'R2d2c3p0bb8k2so', 'blue-otter-sings-7'])(
    'takes %s',
    async (password) => {
      expect(await load({ CONSOLE_PASSWORD: password })).toMatchObject({ password });
    },
  );

  it('lets everyone in only when told so', async () => {
    expect(await load({ CONSOLE_AUTH: 'none' })).toMatchObject({ password: null });
    expect(await load({ CONSOLE_AUTH: 'none', CONSOLE_PASSWORD: PASSWORD })).toMatchObject({
      password: null,
    });
  });

  it('knows the custom workers’ queues, where Chatwoot is and by what names it is reached', async () => {
    const file =
      'export default { workers: { "vip-alerts": { events: ["message_created"], steps() {} } } };\n';
    await using folder = directoryWith({ 'switchyard.config.ts': file });
    const env = {
      CONSOLE_PASSWORD: PASSWORD,
      CHATWOOT_BASE_URL: 'https://chat.example.com/',
      CONSOLE_ALLOWED_HOSTS: 'ops.example.com',
    };
    expect(await loadConsoleConfig({ env, cwd: folder.path })).toMatchObject({
      consoleHost: '127.0.0.1',
      consolePort: 3001,
      customQueues: ['vip-alerts'],
      chatwootBaseUrl: 'https://chat.example.com',
      allowedHosts: ['ops.example.com'],
    });
  });
});

async function load(env: NodeJS.ProcessEnv) {
  await using folder = directoryWith({});
  return await loadConsoleConfig({ env, cwd: folder.path });
}

async function linesOf(env: NodeJS.ProcessEnv): Promise<readonly string[]> {
  try {
    await load(env);
  } catch (error) {
    if (error instanceof ConfigError) return error.lines;
    throw error;
  }
  return [];
}
