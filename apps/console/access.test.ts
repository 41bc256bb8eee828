import { emptyRedis } from '@switchyard/testkit';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { openTestConsole, PASSWORD, type TestConsole, tryPassword } from './testing-console.ts';

let url: string;
let operated: TestConsole;

beforeAll(async () => {
  url = await emptyRedis(inject('redisUrl'));
  operated = await openTestConsole(url, { allowedHosts: ['ops.example.com'] });
});
afterAll(() => operated.close());

const stranger = { cookie: '' };

describe('without the password', () => {
  test.each([
    ['/', '%2F'],
    ['/story?q=3/42', '%2Fstory%3Fq%3D3%2F42'],
    ['/dead', '%2Fdead'],
    ['/jobs', '%2Fjobs'],
    ['/job/routing/1', '%2Fjob%2Frouting%2F1'],
    ['/nowhere', '%2Fnowhere'],
  ])('%s leads to the login page, and from there back', async (path, next) => {
    const answer = await operated.get(path, stranger);
    expect([answer.statusCode, answer.headers.location]).toEqual([303, `/login?next=${next}`]);
  });

  test.each(['/overview/live', '/jobs/api/queues', '/dead/run', '/dead/groups'])(
    '%s says nothing',
    async (path) => {
      const answer = await operated.get(path, { ...stranger, accept: '*/*' });
      expect([answer.statusCode, answer.json()]).toEqual([401, { error: 'Log in first.' }]);
    },
  );

  test.each([
    '/queues/routing/pause',
    '/dead/0123456789ab/redrive',
    '/dead/job/discard',
    '/dead/run/stop',
    '/logout',
  ])('%s does nothing', async (path) => {
    expect((await operated.act(path, {}, stranger)).statusCode).toBe(401);
  });

  test('a cookie that nobody gave opens nothing', async () => {
    const answer = await operated.get('/', { cookie: 'switchyard-console=AAAA' });
    expect(answer.statusCode).toBe(303);
  });

  test('a link from elsewhere, whose cookie the browser keeps back, is asked once more by our own page', async () => {
    const answer = await operated.get('/story?q=3/42', { ...stranger, 'sec-fetch-site': 'cross-site' });
    expect([answer.statusCode, answer.headers.refresh]).toEqual([200, '0; url=/story?q=3/42']);
  });
});

describe('logging in', () => {
  test('gives a cookie that no script and no other page gets at, and leads on', async () => {
    const answer = await tryPassword(operated.app, PASSWORD, { next: '/story?q=3/42' });
    expect([answer.statusCode, answer.headers.location]).toEqual([303, '/story?q=3/42']);
    expect(answer.headers['set-cookie']).toMatch(
      /^switchyard-console=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict$/,
    );
    const overTls = await tryPassword(operated.app, PASSWORD, { headers: { 'x-forwarded-proto': 'https' } });
    expect(overTls.headers['set-cookie']).toContain('; Secure');
  });

  test.each(['https://evil.example/', '//evil.example', '/\\evil.example', 'javascript:alert(1)', ''])(
    'never leads to another site: %s',
    async (next) => {
      const { location } = (await tryPassword(operated.app, PASSWORD, { next })).headers;
      expect(location).toMatch(/^\/(?![/\\])/);
      expect(new URL(String(location), 'http://localhost:3001').host).toBe('localhost:3001');
    },
  );

  test('takes nothing from another site', async () => {
    const answer = await tryPassword(operated.app, PASSWORD, { headers: { origin: 'http://evil.example' } });
    expect([answer.statusCode, answer.headers['set-cookie']]).toEqual([403, undefined]);
  });

  test('is refused with a wrong password, and after ten of them for a while with the right one', async () => {
    const other = await openTestConsole(url);
    const statuses = [];
    for (let at = 0; at < 12; at += 1)
      statuses.push((await tryPassword(other.app, `wrong ${at}`)).statusCode);
    expect(statuses).toEqual([...Array.from({ length: 10 }, () => 401), 429, 429]);
    const locked = await tryPassword(other.app, PASSWORD);
    expect([locked.statusCode, locked.headers['retry-after']]).toEqual([429, expect.any(String)]);
    expect(locked.body).toContain('Too many wrong passwords. Try again in 1');
    expect(other.logged().join('')).not.toContain('wrong 3');
    await other.close();
  });

  test('ends with logging out, also for who has copied the cookie', async () => {
    const other = await openTestConsole(url);
    expect((await other.get('/')).statusCode).toBe(200);
    expect((await other.act('/logout')).statusCode).toBe(200);
    expect((await other.get('/')).statusCode).toBe(303);
    await other.close();
  });
});

describe('what changes something', () => {
  test.each([
    ['of another site', { origin: 'http://evil.example', 'sec-fetch-site': 'cross-site' }],
    ['of another port', { origin: 'http://localhost:9090', 'sec-fetch-site': 'same-site' }],
    ['that says nothing of where it comes from', { origin: '', 'sec-fetch-site': '' }],
  ])('is refused to a page %s', async (_whose, headers) => {
    const answer = await operated.act('/queues/routing/pause', {}, headers);
    expect(answer.statusCode).toBe(403);
  });

  test('is refused to a form, which can’t send our header', async () => {
    const answer = await operated.app.inject({
      method: 'POST',
      url: '/queues/routing/pause',
      headers: { host: 'localhost:3001', origin: 'http://localhost:3001', cookie: operated.cookie },
    });
    expect([answer.statusCode, answer.json()]).toEqual([
      403,
      { error: 'Actions carry the header x-switchyard-console: 1.' },
    ]);
  });

  test('is refused when it is no JSON', async () => {
    const answer = await operated.act('/dead/job/redrive', {}, { 'content-type': 'text/plain' });
    expect(answer.statusCode).toBe(415);
  });
});

describe('by another name (DNS rebinding)', () => {
  test.each(['evil.example', 'localhost.evil.example'])(
    '%s gets nothing, the login page neither',
    async (host) => {
      for (const path of ['/', '/login', '/assets/main.js']) {
        expect((await operated.get(path, { host })).statusCode).toBe(403);
      }
    },
  );
  test('that it was told of, it answers', async () => {
    expect((await operated.get('/', { host: 'ops.example.com' })).statusCode).toBe(200);
  });
});

describe('with CONSOLE_AUTH=none', () => {
  test('everyone may look and act, but only from its own pages and by its own names', async () => {
    const open = await openTestConsole(url, { password: null });
    const page = await open.get('/');
    expect(page.statusCode).toBe(200);
    expect(page.body).not.toContain('Log out');
    expect((await open.act('/queues/routing/resume')).statusCode).toBe(200);
    expect((await open.act('/queues/routing/pause', {}, { origin: 'http://evil.example' })).statusCode).toBe(
      403,
    );
    expect((await open.get('/', { host: 'evil.example' })).statusCode).toBe(403);
    expect((await open.get('/login')).statusCode).toBe(404);
    await open.close();
  });
});

test('pages are kept by nobody and allow nothing but their own files', async () => {
  const { headers } = await operated.get('/');
  expect(headers['content-security-policy']).toBe(
    "default-src 'none';script-src 'self';style-src 'self';img-src 'self';connect-src 'self';form-action 'self';" +
      "base-uri 'none';frame-ancestors 'none'",
  );
  expect(headers).toMatchObject({
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'same-origin',
    'x-frame-options': 'SAMEORIGIN',
  });
});

test.each([
  '/assets/../main.ts',
  '/assets/%2e%2e/app.ts',
  '/assets/..%2fapp.ts',
  '/assets/main.ts',
  '/assets/',
])('nothing outside of the page’s folder is served: %s', async (path) => {
  const answer = await operated.get(path);
  expect([403, 404]).toContain(answer.statusCode);
  expect(answer.body).not.toContain('import');
});
