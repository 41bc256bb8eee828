import { EVENTS } from '@switchyard/config';
import { withoutAccountMetric } from '@switchyard/jobs';
import type { Metrics } from '@switchyard/telemetry';
import type { Received } from './receive.ts';

/** The SLO in docs/operations.md counts answers within 1 s, so that has to be a bucket. */
const ACK_BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];

/** The names of contract §2.6; anything else is counted as `other`, so that a stranger can't make new labels. */
const KNOWN_EVENTS: ReadonlySet<string> = new Set(EVENTS);

/** Everything `receive` can refuse for, and what the HTTP layer turns away before it. */
const REJECT_REASONS: readonly string[] = [
  'missing-signature',
  'missing-timestamp',
  'bad-timestamp',
  'stale-timestamp',
  'bad-signature',
  'bad-token',
  'bad-network',
  'unknown-source',
  'not-json',
  'no-event',
  'overload',
  'address-share',
  'crowded',
  'unfinished',
  'cut-off',
  'method',
  'path',
  'too-large',
  'media-type',
  'bad-request',
  'error',
];
const ACK_RESULTS: readonly Received['result'][] = [
  'accepted',
  'duplicate',
  'ignored',
  'spooled',
  'failed',
  'refused',
  'malformed',
  'unknown-source',
];
const DUPLICATE_LEVELS = ['delivery', 'semantic', 'replay'];

export interface IngressMetrics {
  received(received: Received, seconds: number): void;
  /** Turned away before anyone could look at it: too large, wrong media type, wrong path. */
  rejected(reason: string): void;
}

export function createIngressMetrics(metrics: Metrics): IngressMetrics {
  const deliveries = metrics.counter('deliveries_total', 'Verified deliveries, by what became of them.', [
    'source',
    'event',
    'result',
  ]);
  const ack = metrics.histogram(
    'ack_seconds',
    'From the last byte of a request to its answer, by what became of it.',
    ['result'],
    ACK_BUCKETS,
  );
  const rejects = metrics.counter(
    'rejects_total',
    'Requests that were not taken, by why: a signature, a body, a path, or an ingress that is too busy (overload).',
    ['reason'],
  );
  const duplicates = metrics.counter(
    'duplicates_total',
    'Deliveries that were known already, by what told it: the delivery id, the semantic key or the signature.',
    ['level'],
  );
  const secrets = metrics.counter(
    'secret_matches_total',
    'Verified deliveries by the index of the secret that signed them; a rotation is over when the old one stops.',
    ['source', 'secret'],
  );
  const withoutAccount = withoutAccountMetric(metrics);
  const skew = metrics.gauge(
    'chatwoot_clock_skew_seconds',
    "How far Chatwoot's clock is before ours, by the timestamp of the last signed delivery of the source that was kept.",
    ['source'],
  );
  // An alert on a counter needs it to be there before the first time.
  for (const reason of REJECT_REASONS) rejects.inc({ reason }, 0);
  for (const level of DUPLICATE_LEVELS) duplicates.inc({ level }, 0);
  for (const result of ACK_RESULTS) ack.zero({ result });
  // A label lookup costs more than counting does; the labels of a delivery are few, so each is looked up once.
  const count = remembered((source: string, event: string, result: string) => {
    const child = deliveries.labels({ source, event, result });
    return () => child.inc();
  });
  const observe = remembered((result: string) => {
    const child = ack.labels({ result });
    return (seconds: number) => child.observe(seconds);
  });
  const matched = remembered((source: string, secret: string) => {
    const child = secrets.labels({ source, secret });
    return () => child.inc();
  });

  const skewed = remembered((source: string) => {
    const child = skew.labels({ source });
    return (seconds: number) => child.set(seconds);
  });

  return {
    received(received, seconds) {
      observe(received.result)(seconds);
      if (!('delivery' in received)) {
        rejects.inc({ reason: 'reason' in received ? received.reason : received.result });
        return;
      }
      count(received.source.name, eventLabel(received.event), received.result)();
      matched(
        received.source.name,
        received.secretIndex === null ? 'unsigned' : String(received.secretIndex),
      )();
      if (received.accountBy !== undefined)
        withoutAccount.inc({ source: received.source.name, result: received.accountBy });
      // What is ignored may be a probe of `switchyard doctor`, signed by another clock.
      if (received.skewMs !== null && (received.result === 'accepted' || received.result === 'spooled'))
        skewed(received.source.name)(received.skewMs / 1000);
      if (received.result === 'duplicate')
        duplicates.inc({ level: received.reason?.replace('duplicate-', '') ?? 'unknown' });
    },
    rejected: (reason) => rejects.inc({ reason }),
  };
}

function eventLabel(event: string): string {
  if (KNOWN_EVENTS.has(event)) return event;
  return event.startsWith('automation_event.') ? 'automation_event' : 'other';
}

function remembered<Args extends readonly string[], Made>(
  make: (...args: Args) => Made,
): (...args: Args) => Made {
  const made = new Map<string, Made>();
  return (...args) => {
    const key = args.join('\n');
    const known = made.get(key);
    if (known !== undefined) return known;
    const fresh = make(...args);
    made.set(key, fresh);
    return fresh;
  };
}
