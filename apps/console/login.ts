import { createHash, timingSafeEqual } from 'node:crypto';
import type { Logger } from '@switchyard/telemetry';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { COOKIE } from './guard.ts';
import { html } from './html.ts';
import { barePage } from './layout.ts';
import type { LoginLimit } from './login-limit.ts';
import type { Sessions } from './sessions.ts';
import { duration } from './words.ts';

export interface LoginParts {
  readonly password: string;
  readonly sessions: Sessions;
  readonly limit: LoginLimit;
  readonly log: Logger;
}

/** `GET` and `POST /login`, `POST /logout`. */
export function serveLogin(app: FastifyInstance, { password, sessions, limit, log }: LoginParts): void {
  const expected = digestOf(password);

  app.get('/login', async (request, reply) => {
    const next = nextOf(request.query);
    if (sessions.find(request.cookies[COOKIE]) !== null) return reply.redirect(next, 303);
    return sendForm(reply, 200, next, null);
  });

  app.register(async (scope) => {
    scope.addContentTypeParser(
      'application/x-www-form-urlencoded',
      { parseAs: 'string', bodyLimit: 4_096 },
      (_request, body, done) => done(null, Object.fromEntries(new URLSearchParams(String(body)))),
    );
    scope.post('/login', async (request, reply) => {
      const { ip, body } = request;
      const next = nextOf(body);
      const wait = limit.waitMs(ip);
      if (wait > 0) {
        log.warn({ address: ip }, 'login refused: too many wrong passwords from this address');
        void reply.header('retry-after', Math.ceil(wait / 1_000));
        return sendForm(reply, 429, next, `Too many wrong passwords. Try again in ${duration(wait)}.`);
      }
      if (!timingSafeEqual(digestOf(fieldOf(body, 'password')), expected)) {
        limit.failed(ip);
        log.warn({ address: ip }, 'login refused: wrong password');
        return sendForm(reply, 401, next, 'That is not the password.');
      }
      limit.succeeded(ip);
      const { token, session } = sessions.open();
      log.info({ operator: session.id, address: ip }, 'operator: logged in');
      return reply
        .setCookie(COOKIE, token, {
          path: '/',
          httpOnly: true,
          sameSite: 'strict',
          // Behind a proxy that speaks TLS; only the browser that says so is bound by it.
          secure: request.headers['x-forwarded-proto'] === 'https',
        })
        .redirect(next, 303);
    });
  });

  app.post('/logout', { config: { withoutRedis: true } }, async (request, reply) => {
    sessions.close(request.cookies[COOKIE]);
    log.info({ operator: request.operator }, 'operator: logged out');
    return reply.clearCookie(COOKIE, { path: '/' }).send({ message: 'Logged out.' });
  });
}

function sendForm(reply: FastifyReply, status: number, next: string, problem: string | null): FastifyReply {
  const body = html`<form class="panel login" method="post" action="/login">
    <img src="/assets/icon.svg" alt="" width="44" height="44" />
    <h1>Switchyard <span>console</span></h1>
    <input type="hidden" name="next" value="${next}" />
    <input class="visually-hidden" type="text" name="username" value="operator" autocomplete="username" tabindex="-1"
      aria-hidden="true" readonly />
    <label for="password">Password</label>
    <input id="password" name="password" type="password" autocomplete="current-password" required autofocus
      maxlength="500" />
    ${problem !== null && html`<p class="problem" role="alert">${problem}</p>`}
    <button class="primary" type="submit">Log in</button>
    <p class="hint">It is what <code>CONSOLE_PASSWORD</code> says where the console runs.</p>
  </form>`;
  return reply.code(status).type('text/html').send(barePage('Log in', body));
}

/** Digests are of one length, so that comparing them takes as long whatever was typed. */
function digestOf(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

/** Where to go after the login: a page of ours and nothing else. */
function nextOf(fields: unknown): string {
  const next = URL.parse(fieldOf(fields, 'next'), 'http://console');
  if (next === null || next.host !== 'console' || next.pathname.startsWith('//')) return '/';
  return next.pathname + next.search;
}

function fieldOf(fields: unknown, name: string): string {
  const value: unknown = Object(fields) === fields ? Reflect.get(Object(fields), name) : undefined;
  return typeof value === 'string' ? value : '';
}
