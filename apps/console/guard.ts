import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { html } from './html.ts';
import { barePage } from './layout.ts';
import { refusal } from './same-origin.ts';
import type { Sessions } from './sessions.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Who asks, for the log; null on what is open to everyone. */
    operator: string | null;
  }
}

export const COOKIE = 'switchyard-console';
/** Our pages' script sends it with whatever changes something; a form of another page can't, and a script of one would need a permission it never gets. */
const ACTION_HEADER = 'x-switchyard-console';

export interface GuardParts {
  /** null: everyone is let in. */
  readonly sessions: Sessions | null;
  readonly allowedHosts: readonly string[];
}

/** Before every route, also those of Bull-Board and those that are none: who may ask, and from where. */
export function guard(app: FastifyInstance, { sessions, allowedHosts }: GuardParts): void {
  app.decorateRequest('operator', null);
  app.addHook('onRequest', async (request, reply) => {
    const { headers, method } = request;
    const site = headers['sec-fetch-site'];
    const from = {
      method,
      host: headers.host,
      origin: headers.origin,
      site: typeof site === 'string' ? site : undefined,
    };
    const refused = refusal(from, allowedHosts);
    if (refused !== null) return refuse(request, reply, 403, refused);
    if (isOpen(request)) return undefined;
    const operator = sessions === null ? 'anyone' : sessions.find(request.cookies[COOKIE])?.id;
    if (operator === undefined) return askToLogIn(request, reply, from.site);
    request.operator = operator;
    if (method !== 'GET' && method !== 'HEAD' && headers[ACTION_HEADER] === undefined) {
      return refuse(request, reply, 403, `Actions carry the header ${ACTION_HEADER}: 1.`);
    }
    return undefined;
  });
}

/** The login page and what it is made of. */
function isOpen({ url }: FastifyRequest): boolean {
  const path = url.split('?', 1)[0] ?? '';
  return path === '/login' || path.startsWith('/assets/');
}

function askToLogIn(request: FastifyRequest, reply: FastifyReply, site: string | undefined): FastifyReply {
  if (!wantsPage(request)) return refuse(request, reply, 401, 'Log in first.');
  if (site === 'cross-site') {
    // A link from elsewhere comes without the cookie, which is SameSite=Strict; the same address asked by our own page
    // has it, if there is one.
    const again = barePage('One moment', html`<p>One moment …</p>`);
    return reply
      .header('refresh', `0; url=${ownPath(request.url)}`)
      .type('text/html')
      .send(again);
  }
  return reply.redirect(`/login?next=${encodeURIComponent(request.url)}`, 303);
}

/** `//host/…` would lead to another site. */
function ownPath(url: string): string {
  return /^\/[/\\]/.test(url) ? '/' : url;
}

function refuse(request: FastifyRequest, reply: FastifyReply, status: number, words: string): FastifyReply {
  if (!wantsPage(request)) return reply.code(status).send({ error: words });
  return reply
    .code(status)
    .type('text/html')
    .send(
      barePage('Refused', html`<section class="panel note"><h1>Not like this</h1><p>${words}</p></section>`),
    );
}

/** A browser that shows the answer, rather than a script that reads it. */
export function wantsPage({ method, headers }: FastifyRequest): boolean {
  return (
    (method === 'GET' || method === 'HEAD') &&
    headers.accept?.includes('text/html') === true &&
    headers[ACTION_HEADER] === undefined
  );
}
