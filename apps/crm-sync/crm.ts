import { CallFailure, type HttpRequest, type HttpResponse, type Send } from '@switchyard/chatwoot';
import type { CrmConfig, LeadFacts } from '@switchyard/config';
import { answerFailure, type CrmOperation } from './answer-failure.ts';
import { leadBody } from './fields.ts';
import { valueAt } from './json-path.ts';
import { fillUrl } from './template.ts';

/** The generic HTTP connector: any CRM that takes a lead as JSON. Every call throws a CallFailure. */
export interface Crm {
  /** The new lead's id; null when the answer has none at `crm.idPath`. */
  createLead(facts: LeadFacts, call: CrmCall): Promise<string | null>;
  /** Makes what `createLead` would send, sends nothing, and tells the names of the fields that have a value. */
  rehearseLead(facts: LeadFacts): readonly string[];
  updateLead(id: string, facts: LeadFacts, call: CrmCall): Promise<void>;
  /** The id of a conversation's lead, null when the CRM has none; absent without `crm.lookup`. */
  readonly findLead?: (facts: LeadFacts, signal: AbortSignal) => Promise<string | null>;
}

interface CrmCall {
  /** Goes out as `Idempotency-Key`, so that a repeated write is one write. */
  readonly idempotencyKey: string;
  readonly signal: AbortSignal;
}

export interface CrmOptions {
  readonly config: CrmConfig & { readonly url: string };
  readonly send: Send;
  readonly now?: () => number;
}

const LONGEST_ID = 500;

export function createCrm({ config, send, now = Date.now }: CrmOptions): Crm {
  const { lookup } = config;
  const base = { crm: { url: config.url.replace(/\/+$/, '') } };
  const verbatim = ['crm.url'];

  async function ask(
    operation: CrmOperation,
    request: Omit<HttpRequest, 'operation' | 'headers'>,
    key?: string,
  ) {
    const response = await send({
      ...request,
      operation: `leads.${operation}`,
      headers: {
        accept: 'application/json',
        ...(config.apiKey === undefined ? {} : { authorization: `Bearer ${config.apiKey}` }),
        ...(request.body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(key === undefined ? {} : { 'idempotency-key': key }),
      },
    });
    const failure = answerFailure(operation, request, response, now());
    if (failure !== null) throw failure;
    return response;
  }

  return {
    async createLead(facts, { idempotencyKey, signal }) {
      const body = JSON.stringify(leadBody(config.fields, facts, 'crm.fields'));
      const answer = await ask('create', { method: 'POST', url: config.url, body, signal }, idempotencyKey);
      return idIn(answer, config.idPath, 'create');
    },
    rehearseLead(facts) {
      const body = leadBody(config.fields, facts, 'crm.fields');
      return Object.keys(body).filter((name) => body[name] !== null);
    },
    async updateLead(id, facts, { idempotencyKey, signal }) {
      const url = fillUrl(config.update.url, { ...facts, ...base, lead: { id } }, verbatim);
      const body = JSON.stringify(leadBody(config.contactFields, facts, 'crm.contactFields'));
      await ask('update', { method: config.update.method, url, body, signal }, idempotencyKey);
    },
    ...(lookup === undefined
      ? {}
      : {
          async findLead(facts, signal) {
            const url = fillUrl(lookup.url, { ...facts, ...base }, verbatim);
            try {
              return idIn(await ask('lookup', { method: 'GET', url, signal }), lookup.idPath, 'lookup');
            } catch (error) {
              if (error instanceof CallFailure && error.status === 404) return null;
              throw error;
            }
          },
        }),
  };
}

/**
 * An empty answer, or a plain `OK`, is a success without an id. JSON that breaks off is something else: the id is
 * in the part that is missing, so the question is asked again.
 */
function idIn(response: HttpResponse, path: string, operation: CrmOperation): string | null {
  const text = response.body.trim();
  if (!/^[{[]/.test(text)) return null;
  const id = valueAt(parsed(text, response.status, operation), path);
  if (typeof id !== 'string' && typeof id !== 'number') return null;
  const written = String(id).trim();
  return written === '' || written.length > LONGEST_ID ? null : written;
}

function parsed(text: string, status: number, operation: CrmOperation): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The parser's error quotes the text, so it is no cause to keep.
    const failure = operation === 'lookup' ? 'transient' : 'unknown-outcome';
    throw new CallFailure(failure, `the CRM answered ${status} to a lead's ${operation}, with broken JSON`, {
      code: 'CRM_BAD_ANSWER',
      target: 'crm',
      status,
    });
  }
}
