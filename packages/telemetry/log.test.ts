import { spawnSync } from 'node:child_process';
import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it, vi } from 'vitest';
import { createLogger, currentDelivery, type Logger, withLogContext } from './log.ts';

/** A logger and the lines it wrote. */
function written(level = 'info'): { readonly log: Logger; readonly lines: Record<string, unknown>[] } {
  const lines: Record<string, unknown>[] = [];
  const destination = { write: (line: string) => void lines.push(JSON.parse(line)) };
  return { log: createLogger({ app: 'ingress', level, destination }), lines };
}

describe('a line', () => {
  it('is one JSON object with the level’s name, an ISO time, the app and the message', () => {
    const { log, lines } = written();
    log.info({ queues: ['routing'] }, 'listening');
    expect(lines).toEqual([
      {
        level: 'info',
        time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
        app: 'ingress',
        queues: ['routing'],
        msg: 'listening',
      },
    ]);
  });

  it.each([
    ['warn', ['warn', 'error', 'fatal']],
    ['debug', ['debug', 'info', 'warn', 'error', 'fatal']],
    ['silent', []],
  ])('is written at %s and above', (level, expected) => {
    const { log, lines } = written(level);
    log.debug('d');
    log.info('i');
    log.warn('w');
    log.error('e');
    log.fatal('f');
    expect(lines.map((line) => line.level)).toEqual(expected);
  });
});

it('says the time to the millisecond, also over a second and after a clock was set back', () => {
  const { log, lines } = written();
  vi.useFakeTimers();
  try {
    const instants = [
      '2026-03-01T23:59:59.999Z',
      '2026-03-02T00:00:00.000Z',
      '2026-03-02T00:00:00.007Z',
      '2026-03-01T23:59:59.080Z',
      '2024-02-29T12:00:00.500Z',
    ];
    for (const instant of instants) {
      vi.setSystemTime(new Date(instant));
      log.info('now');
    }
    expect(lines.map((line) => line.time)).toEqual(instants);
  } finally {
    vi.useRealTimers();
  }
});

describe('the context of the work at hand', () => {
  it('is on every line, through awaits, and not on those beside it', async () => {
    const { log, lines } = written();
    const work = (delivery: string) =>
      withLogContext({ delivery, account: 1, conversation: null }, async () => {
        await turn();
        log.info('worked');
        return currentDelivery();
      });
    expect(await Promise.all([work('a'), work('b')])).toEqual(['a', 'b']);
    log.info('beside');
    expect(lines).toMatchObject([
      { delivery: 'a', account: 1, conversation: null },
      { delivery: 'b', account: 1, conversation: null },
      { msg: 'beside' },
    ]);
    expect(lines[2]).not.toHaveProperty('delivery');
    expect(currentDelivery()).toBeUndefined();
  });

  it('nests: the inner one adds and overrides, and ends with its work', () => {
    const { log, lines } = written();
    withLogContext({ delivery: 'a', queue: 'routing' }, () => {
      withLogContext({ queue: 'crm-sync', job: 'j' }, () => log.info('inner'));
      log.info('outer');
    });
    expect(lines[0]).toMatchObject({ delivery: 'a', queue: 'crm-sync', job: 'j' });
    expect(lines[1]).toMatchObject({ delivery: 'a', queue: 'routing' });
    expect(lines[1]).not.toHaveProperty('job');
  });

  it('gives way to what the line itself says', () => {
    const { log, lines } = written();
    withLogContext({ attempt: 1 }, () => log.info({ attempt: 2 }, 'again'));
    expect(lines[0]).toMatchObject({ attempt: 2 });
  });
});

describe('what must not get out', () => {
  const careless: readonly (readonly [fields: Record<string, unknown>])[] = [
    [{ email: 'hunter2@example.com' }],
    [{ phone: '+4917hunter2' }],
    [{ content: 'my password is hunter2' }],
    [{ body: Buffer.from('hunter2') }],
    [{ raw: Buffer.from('hunter2') }],
    [{ token: 'hunter2', secrets: ['hunter2'], password: 'hunter2', apiKey: 'hunter2' }],
    [{ headers: { Authorization: 'Bearer hunter2', api_access_token: 'hunter2' } }],
    [{ request: { headers: { 'x-chatwoot-signature': 'hunter2' } } }],
    [{ contact: { phone_number: 'hunter2' }, messages: [{ content: 'hunter2' }] }],
    [{ a: { b: { c: { d: { e: { f: { g: 'hunter2' } } } } } } }],
    [{ redisUrl: 'redis://:hunter2@redis' }],
  ];

  it.each(careless)('%j', (fields) => {
    const { log, lines } = written();
    log.warn(fields, 'careless');
    const text = JSON.stringify(lines);
    expect(text).not.toContain('hunter2');
    expect(text).not.toContain(Buffer.from('hunter2').toJSON().data.join(','));
    expect(text).toMatch(/\[redacted\]|\[too deep\]/);
  });

  it('leaves what is harmless, and the object that was logged', () => {
    const { log, lines } = written();
    const fields = {
      target: 'crm',
      status: 422,
      at: new Date(0),
      none: null,
      inner: { email: 'a@b', ids: [1] },
    };
    log.info(fields, 'fine');
    expect(lines[0]).toMatchObject({
      target: 'crm',
      status: 422,
      at: '1970-01-01T00:00:00.000Z',
      none: null,
      inner: { email: '[redacted]', ids: [1] },
    });
    expect(fields.inner.email).toBe('a@b');
  });
});

describe('an error', () => {
  class CrmError extends Error {
    override readonly name = 'CrmError';
    readonly code = 'CRM_REFUSED';
    readonly failure = 'permanent';
    readonly target = 'crm';
    readonly status = 422;
    readonly response = { body: { email: 'hunter2@example.com' } };
  }

  it.each(['err', 'error'])(
    'is told as %s by its type, code, class and frames, never with its payload',
    (key) => {
      const { log, lines } = written();
      log.error({ [key]: new CrmError('refused', { cause: new Error('the reason') }) }, 'failed');
      expect(lines[0]).toMatchObject({
        msg: 'failed',
        [key]: {
          type: 'CrmError',
          message: 'refused',
          code: 'CRM_REFUSED',
          failure: 'permanent',
          target: 'crm',
          status: 422,
          cause: 'Error: the reason',
          stack: expect.stringMatching(/^ +at .*log\.test\.ts/),
        },
      });
      expect(JSON.stringify(lines)).not.toContain('hunter2');
    },
  );

  it.each([
    ['JSON.parse quotes its input', () => JSON.parse('{"email": hunter2}')],
    [
      'a message of many lines has only frames in its stack',
      () => {
        throw Object.assign(new Error('short'), {
          stack: 'Error: short\nhunter2\n    at somewhere (a.ts:1:1)',
        });
      },
    ],
    [
      'a code that is an object is not ours',
      () => {
        throw Object.assign(new Error('x'), { code: { email: 'hunter2' } });
      },
    ],
    [
      'a long message is cut',
      () => {
        throw new Error(`${'x'.repeat(600)}hunter2`);
      },
    ],
    [
      'a thrown object is not an error',
      () => {
        throw { email: 'hunter2' };
      },
    ],
  ])('%s', (_what, fail) => {
    const { log, lines } = written();
    try {
      fail();
    } catch (err) {
      log.error({ err }, 'failed');
    }
    expect(lines).toHaveLength(1);
    expect(JSON.stringify(lines)).not.toContain('hunter2');
  });
});

describe('at the end of the process', () => {
  it.each([
    ['JSON', false, /"level":"fatal".*"msg":"the last words"/],
    ['readable', true, /FATAL.*the last words/],
  ])('nothing is lost: %s', (_what, pretty, lastWords) => {
    const program = `
      import { createLogger } from ${JSON.stringify(new URL('./log.ts', import.meta.url).href)};
      const log = createLogger({ app: 'x', level: 'info', pretty: ${pretty} });
      for (let i = 0; i < 1000; i += 1) log.info({ i }, 'line');
      log.fatal({ content: 'hunter2' }, 'the last words');
      process.exit(3);`;
    const { status, stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', program], {
      encoding: 'utf8',
      env: { ...process.env, NO_COLOR: '1' },
    });
    expect(status).toBe(3);
    expect(stdout.match(/\bline\b/g)).toHaveLength(1000);
    expect(stdout).toMatch(lastWords);
    expect(stdout).not.toContain('hunter2');
  });
});
