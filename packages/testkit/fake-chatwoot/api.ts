import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { assertMayCall, type Caller } from './api-access.ts';
import { ApiError, InvalidEnum } from './api-errors.ts';
import type { Attributes } from './records.ts';
import type { World } from './world.ts';

export interface Route {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Below `/api/v1/accounts/:account_id`, unless it begins with `/api/` or `/public/`. */
  readonly path: string;
  /** Bot tokens may call it (contract §3.7), always or only where they read (contract [R] 2). */
  readonly bots?: boolean | 'where-they-read';
  readonly administratorsOnly?: boolean;
  /** Anyone may call it: the customer's side. */
  readonly withoutToken?: boolean;
  /** Of a good answer; 200 unless told. */
  readonly status?: number;
  /** The JSON to answer with; `undefined` answers with an empty body. @throws ApiError */
  readonly handle: (call: ApiCall) => unknown;
}

export interface ApiCall {
  readonly world: World;
  readonly caller: Caller;
  readonly params: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, string | string[]>>;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Readonly<Record<string, unknown>>;
  /** Notes a write for those who check afterwards what was done. */
  readonly effect: (effect: NewEffect) => void;
}

export interface NewEffect {
  readonly kind: EffectKind;
  readonly conversationId: number | null;
  readonly messageId?: number;
  readonly sourceId?: string | null;
  readonly contentAttributes?: Attributes;
  /** What was set: the team id, the labels, the status … */
  readonly value?: unknown;
}

export type EffectKind =
  | 'message'
  | 'status'
  | 'priority'
  | 'assignee'
  | 'team'
  | 'labels'
  | 'custom_attributes'
  | 'conversation'
  | 'contact';

interface ApiHost {
  readonly world: World;
  readonly callerOf: (request: FastifyRequest) => Caller;
  readonly onEffect: (effect: NewEffect, caller: Caller) => void;
}

const textMap = z.record(z.string(), z.string());
const queryMap = z.record(z.string(), z.union([z.string(), z.array(z.string())]));
const bodyMap = z.record(z.string(), z.unknown());

/** Puts the routes on the server, with Chatwoot's order of checks and its ways of saying no (contract §3.1). */
export function mountApi(app: FastifyInstance, host: ApiHost, routes: readonly Route[]): void {
  app.removeContentTypeParser(['application/json', 'text/plain']);
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (_request, body, done) => {
    const text = String(body);
    try {
      done(null, text.trim() === '' ? {} : JSON.parse(text));
    } catch {
      done(new ApiError(400, { status: 400, error: 'Bad Request' }));
    }
  });
  app.setErrorHandler((error, _request, reply) => {
    if (error instanceof ApiError) return reply.code(error.status).send(error.body);
    if (error instanceof InvalidEnum) {
      return reply.code(500).send({ status: 500, error: 'Internal Server Error' });
    }
    const status = z.object({ statusCode: z.number() }).safeParse(error).data?.statusCode ?? 500;
    return reply
      .code(status)
      .type('text/plain')
      .send(`fake Chatwoot: ${String(error)}`);
  });
  app.setNotFoundHandler((_request, reply) => reply.code(404).type('text/html').send(''));

  for (const route of routes) {
    app.route({
      method: route.method,
      url: urlOf(route),
      handler: (request, reply) => {
        const caller = host.callerOf(request);
        const params = textMap.parse(request.params);
        if (!route.withoutToken) assertMayCall(host.world, caller, route, params.account_id);
        const answer = route.handle({
          world: host.world,
          caller,
          params,
          query: queryMap.parse(request.query),
          headers: request.headers,
          body: bodyMap.safeParse(request.body).data ?? {},
          effect: (effect) => host.onEffect(effect, caller),
        });
        reply.code(route.status ?? 200);
        if (answer === undefined) return reply.send();
        return reply.type('application/json; charset=utf-8').send(JSON.stringify(answer));
      },
    });
  }
}

function urlOf({ path }: Route): string {
  const isWhole = path === '/api' || path.startsWith('/api/') || path.startsWith('/public/');
  return isWhole ? path : `/api/v1/accounts/:account_id${path}`;
}

/** An id from the path; anything that is no number finds nothing, as in Chatwoot. */
export function idParam(call: ApiCall, name = 'id'): number {
  return Number.parseInt(call.params[name] ?? '', 10);
}

export function queryText(call: ApiCall, name: string): string | undefined {
  const value = call.query[name];
  const text = typeof value === 'string' ? value : value?.[0];
  return text === '' ? undefined : text;
}

export function pageOf(call: ApiCall): number {
  return Math.max(1, Number.parseInt(queryText(call, 'page') ?? '1', 10) || 1);
}

export function paged<Item>(items: readonly Item[], page: number, size: number): readonly Item[] {
  return items.slice((page - 1) * size, page * size);
}
