import { randomBytes } from 'node:crypto';
import { EventEmitter } from 'node:events';
import { isDeepStrictEqual } from 'node:util';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { Faults } from '../faults.ts';
import { type Call, startFaultyServer } from '../faulty-server.ts';
import { type Lead, leadBody, leadPatch, newLead, updatedLead } from './lead.ts';

export interface FakeCrmOptions {
  /** 0, the default, takes any free one. */
  readonly port?: number;
  /** Where it listens; 127.0.0.1 by default. */
  readonly host?: string;
  readonly apiKey?: string;
  /**
   * `honoured` (the default) demands an Idempotency-Key of a POST and replays the first answer to one; `ignored` doesn't
   * look at it, so a repeated POST makes a second lead, as many a real CRM would.
   */
  readonly idempotency?: 'honoured' | 'ignored';
  /** Decides on faults with a probability. */
  readonly random?: () => number;
}

/** A request to write that was understood; `committed` is false when it was an answer replayed. */
export interface CrmWrite {
  readonly method: 'POST' | 'PATCH';
  readonly leadId: string;
  readonly idempotencyKey: string | null;
  /** Epoch milliseconds. */
  readonly at: number;
  readonly committed: boolean;
  readonly body: Readonly<Record<string, unknown>>;
}

export interface FakeCrm {
  readonly url: string;
  readonly port: number;
  readonly apiKey: string;
  readonly faults: Faults;
  leads(): readonly Lead[];
  writes(): readonly CrmWrite[];
  calls(): readonly Call[];
  on(event: 'change', listener: (kind: 'lead' | 'call' | 'faults') => void): () => void;
  close(): Promise<void>;
}

/** A pretend CRM with the interface the generic HTTP connector speaks: `/leads`, a bearer key, JSON. */
export async function startFakeCrm(options: FakeCrmOptions = {}): Promise<FakeCrm> {
  const apiKey = options.apiKey ?? `crm_${randomBytes(12).toString('hex')}`;
  const leads = new Map<string, Lead>();
  const writes: CrmWrite[] = [];
  const firsts = new Map<string, First>();
  const changes = new EventEmitter<{ change: ['lead' | 'call' | 'faults'] }>();
  const honours = options.idempotency !== 'ignored';

  const record = (write: Omit<CrmWrite, 'at'>) => {
    writes.push({ ...write, at: Date.now() });
    changes.emit('change', 'lead');
  };

  const create = (request: FastifyRequest, reply: FastifyReply) => {
    const key = keyOf(request);
    if (honours && key === null) return refuse(reply, 400, 'Idempotency-Key header is required');
    const parsed = leadBody.safeParse(request.body);
    if (!parsed.success) return invalid(reply, parsed.error);
    const first = honours && key !== null ? firsts.get(key) : undefined;
    if (first !== undefined) {
      if (!isDeepStrictEqual(first.body, parsed.data)) {
        return refuse(reply, 422, 'Idempotency-Key was used with a different body');
      }
      const { lead } = first;
      record({ method: 'POST', leadId: lead.id, idempotencyKey: key, committed: false, body: parsed.data });
      return reply.code(201).header('idempotent-replayed', 'true').send(lead);
    }
    const lead = newLead(leads.size + 1, parsed.data);
    leads.set(lead.id, lead);
    if (key !== null) firsts.set(key, { body: parsed.data, lead });
    record({ method: 'POST', leadId: lead.id, idempotencyKey: key, committed: true, body: parsed.data });
    return reply.code(201).send(lead);
  };

  const update = (request: FastifyRequest, reply: FastifyReply) => {
    const lead = leads.get(idOf(request));
    if (lead === undefined) return refuse(reply, 404, 'no such lead');
    const parsed = leadPatch.safeParse(request.body);
    if (!parsed.success) return invalid(reply, parsed.error);
    const idempotencyKey = keyOf(request);
    const first = honours && idempotencyKey !== null ? firsts.get(idempotencyKey) : undefined;
    if (first !== undefined) {
      if (!isDeepStrictEqual(first.body, parsed.data)) {
        return refuse(reply, 422, 'Idempotency-Key was used with a different body');
      }
      record({ method: 'PATCH', leadId: lead.id, idempotencyKey, committed: false, body: parsed.data });
      return reply.header('idempotent-replayed', 'true').send(first.lead);
    }
    const updated = updatedLead(lead, parsed.data);
    leads.set(lead.id, updated);
    if (idempotencyKey !== null) firsts.set(idempotencyKey, { body: parsed.data, lead: updated });
    record({ method: 'PATCH', leadId: lead.id, idempotencyKey, committed: true, body: parsed.data });
    return reply.send(updated);
  };

  const routes = (app: FastifyInstance) => {
    // A handler that runs after this hook has its key checked; faults come before it.
    app.addHook('preParsing', async (request, reply) => {
      if (request.headers.authorization === `Bearer ${apiKey}`) return;
      await refuse(reply, 401, 'invalid API key');
    });
    app.post('/leads', create);
    app.patch('/leads/:id', update);
    app.get('/leads/:id', (request, reply) => {
      const lead = leads.get(idOf(request));
      return lead === undefined ? refuse(reply, 404, 'no such lead') : reply.send(lead);
    });
    app.get('/leads', (request, reply) => {
      const wanted = lookup.safeParse(request.query);
      if (!wanted.success) return refuse(reply, 400, 'ask with email or conversation_url');
      const { email, conversation_url } = wanted.data;
      const found = [...leads.values()].filter(
        (lead) =>
          (email === undefined || lead.email?.toLowerCase() === email.toLowerCase()) &&
          (conversation_url === undefined || lead.conversation_url === conversation_url),
      );
      return reply.send({ leads: found });
    });
  };

  const server = await startFaultyServer({
    ...(options.port === undefined ? {} : { port: options.port }),
    ...(options.host === undefined ? {} : { host: options.host }),
    ...(options.random === undefined ? {} : { random: options.random }),
    tokenKind: (request) => (request.headers.authorization === undefined ? 'none' : 'key'),
    isWrite: (method) => method !== 'GET',
    onChange: (what) => changes.emit('change', what),
    routes,
  });
  return {
    url: server.url,
    port: server.port,
    apiKey,
    faults: server.faults,
    leads: () => [...leads.values()],
    writes: () => [...writes],
    calls: () => server.calls(),
    on(event, listener) {
      changes.on(event, listener);
      return () => changes.off(event, listener);
    },
    async close() {
      await server.close();
      changes.removeAllListeners();
    },
  };
}

interface First {
  readonly body: unknown;
  readonly lead: Lead;
}

const lookup = z
  .strictObject({ email: z.string().optional(), conversation_url: z.string().optional() })
  .refine(({ email, conversation_url }) => email !== undefined || conversation_url !== undefined);

function idOf(request: FastifyRequest): string {
  return z.object({ id: z.string() }).parse(request.params).id;
}

function keyOf(request: FastifyRequest): string | null {
  const key = request.headers['idempotency-key'];
  return typeof key === 'string' && key !== '' ? key : null;
}

function refuse(reply: FastifyReply, status: number, error: string) {
  return reply.code(status).send({ error });
}

function invalid(reply: FastifyReply, error: z.ZodError) {
  const issues = error.issues.map(({ path, message }) => ({ field: path.join('.'), message }));
  return reply.code(422).send({ error: 'invalid lead', issues });
}
