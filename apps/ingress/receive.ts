import {
  type ChatwootEvent,
  deliveryId,
  EventParseError,
  parseEvent,
  semanticKey,
} from '@switchyard/chatwoot';
import type { Catalogue, Enqueued, PlannedDelivery } from '@switchyard/jobs';
import type { Tracing } from '@switchyard/telemetry';
import { type NamedBy, nameAccount } from './account/name-account.ts';
import { traceKeep, traceReceipt } from './receipt-spans.ts';
import {
  type Authenticated,
  authenticate,
  type Credentials,
  type Refusal,
  type Source,
  type Sources,
} from './sources.ts';

export interface ReceivedRequest extends Credentials {
  readonly rawBody: Buffer;
  readonly deliveryHeader: string | undefined;
  /** `traceparent`, from a sender that is traced itself. */
  readonly caller: string | undefined;
}

/** What became of a request. Every way it can end is here, and nothing else leaves the ingress. */
export type Received =
  | { readonly result: 'refused'; readonly reason: Refusal }
  | { readonly result: 'unknown-source' }
  | { readonly result: 'malformed'; readonly reason: 'not-json' | 'no-event'; readonly message: string }
  | Taken<'accepted' | 'duplicate' | 'spooled' | 'failed'>
  | Taken<'ignored'>;

interface Taken<Result> {
  readonly result: Result;
  readonly source: Source;
  /** Null for a source that does not sign. */
  readonly secretIndex: number | null;
  readonly delivery: string;
  readonly event: string;
  readonly queues: readonly string[];
  /** Why a delivery was ignored, by what a duplicate was known, what failed. */
  readonly reason: string | null;
  readonly error?: unknown;
  /** How the event got its account; absent when it named it itself, or nobody wants it. */
  readonly accountBy?: NamedBy;
  /** How far its timestamp is before our clock, in milliseconds; null where it has none that is signed. */
  readonly skewMs: number | null;
  /** Where the delivery is traced. */
  readonly traceId?: string;
}

export interface ReceiveParts {
  readonly sources: Sources;
  readonly plan: Catalogue['plan'];
  /** Makes a delivery durable; rejects when that can't be done. */
  readonly keep: (delivery: PlannedDelivery) => Promise<Enqueued | 'spooled'>;
  readonly now: () => number;
  /** The only account that the token sees, where that is known (`watchSoleAccount`); sources that name one need none. */
  readonly soleAccount?: () => number | null;
  /** Absent where nothing is traced. */
  readonly tracing?: Tracing;
}

/** The way of a delivery through the ingress: verify, parse, plan, keep; in this order and no other. */
export async function receive(request: ReceivedRequest, parts: ReceiveParts): Promise<Received> {
  const now = parts.now();
  const sender = authenticate(request, parts.sources, now);
  if (sender.kind === 'refused') return { result: 'refused', reason: sender.reason };
  if (sender.kind === 'unknown') return { result: 'unknown-source' };
  const { tracing } = parts;
  if (tracing === undefined) return take(request, sender, now, parts);
  // Only now: a stranger can neither fill the traces nor make us go on with one of his.
  return traceReceipt(tracing, request.caller, now, () =>
    take(request, sender, now, { ...parts, keep: traceKeep(tracing, parts.keep) }),
  );
}

async function take(
  request: ReceivedRequest,
  { source, secretIndex }: Sender,
  now: number,
  parts: ReceiveParts,
): Promise<Received> {
  const { rawBody } = request;
  const delivery = deliveryId(request.deliveryHeader, rawBody);
  const parsed = parse(rawBody, { id: delivery, source: source.name, kind: source.kind, receivedAt: now });
  if ('malformed' in parsed)
    return { result: 'malformed', reason: parsed.malformed, message: parsed.message };

  const taken = {
    source,
    secretIndex,
    delivery,
    event: parsed.name,
    skewMs: skewOf(request, secretIndex, now),
  };
  if ('strange' in parsed) return { ...taken, result: 'ignored', queues: [], reason: parsed.strange };
  const { event, by } = nameAccount(parsed.event, source, parts.soleAccount?.() ?? null);
  const elsewhere = whyNotForSource(event, source);
  if (elsewhere !== null) return { ...taken, result: 'ignored', queues: [], reason: elsewhere };
  const jobs = parts.plan(event);
  if (jobs.length === 0) return { ...taken, result: 'ignored', queues: [], reason: 'unwanted' };

  const queues = jobs.map((job) => job.queue);
  const planned = {
    event,
    jobs,
    semanticKey: semanticKey(event),
    replayKey: secretIndex === null ? null : (request.signature ?? null),
  };
  try {
    const kept = await parts.keep(planned);
    if (kept === 'accepted' || kept === 'spooled') {
      const account = by === null ? {} : { accountBy: by };
      return { ...taken, ...account, result: kept, queues, reason: null };
    }
    return { ...taken, result: 'duplicate', queues: [], reason: kept };
  } catch (error) {
    return { ...taken, result: 'failed', queues, reason: 'not-durable', error };
  }
}

/** A timestamp has whole seconds, cut off, and was written as the delivery was sent (contract §1.1). */
function skewOf({ timestamp }: ReceivedRequest, secretIndex: number | null, now: number): number | null {
  return secretIndex === null || timestamp === undefined ? null : Number(timestamp) * 1000 + 500 - now;
}

type Sender = Extract<Authenticated, { kind: 'known' }>;

type Parsed =
  | { readonly name: string; readonly event: ChatwootEvent }
  | { readonly name: string; readonly strange: string }
  | { readonly malformed: 'not-json' | 'no-event'; readonly message: string };

function parse(rawBody: Buffer, delivery: ChatwootEvent['delivery']): Parsed {
  let body: unknown;
  try {
    body = JSON.parse(rawBody.toString('utf8'));
  } catch {
    return { malformed: 'not-json', message: 'the body is not JSON' };
  }
  try {
    const event = parseEvent(body, delivery);
    return { name: event.name, event };
  } catch (error) {
    if (!(error instanceof EventParseError)) throw error;
    // It names an event, and its sender is who it says: whatever it is, sending it again would not make it better.
    const name = eventName(body);
    if (name !== null) return { name, strange: error.code };
    return { malformed: 'no-event', message: error.message };
  }
}

function eventName(body: unknown): string | null {
  const name: unknown = typeof body === 'object' && body !== null ? Reflect.get(body, 'event') : undefined;
  return typeof name === 'string' && /^[\w.-]{1,100}$/.test(name) ? name : null;
}

function whyNotForSource(event: ChatwootEvent, source: Source): 'other-account' | 'other-inbox' | null {
  if (source.account !== null && event.account !== source.account) return 'other-account';
  // What names no inbox may be of any: a source that is limited to some does not speak for it.
  const fits = source.inboxes === null || (event.inbox !== null && source.inboxes.has(event.inbox.id));
  return fits ? null : 'other-inbox';
}
