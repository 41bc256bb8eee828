import { aboutEvent } from '@switchyard/jobs';
import type { Tracing } from '@switchyard/telemetry';
import { answerOf } from './answer.ts';
import type { Received, ReceiveParts } from './receive.ts';

/** The span of a delivery in the ingress, from its arrival to its answer: the first of its trace, or its sender's next. */
export function traceReceipt(
  tracing: Tracing,
  traceparent: string | undefined,
  startedAt: number,
  take: () => Promise<Received>,
): Promise<Received> {
  const attributes = { 'http.request.method': 'POST', 'http.route': '/webhooks/chatwoot/:source' };
  const settings = { kind: 'server', attributes, caller: { traceparent }, startedAt } as const;
  return tracing.span('POST /webhooks/chatwoot', settings, async (span) => {
    const received = await take();
    const { status } = answerOf(received);
    span.set({ 'http.response.status_code': status, 'switchyard.result': received.result });
    if ('reason' in received) span.set({ 'switchyard.reason': received.reason });
    if (status >= 500) span.fail('NOT_DURABLE');
    if (!('delivery' in received)) return received;
    span.set({
      'switchyard.delivery': received.delivery,
      'switchyard.source': received.source.name,
      'switchyard.event': received.event,
    });
    return { ...received, traceId: span.traceId };
  });
}

/** The span of the enqueue, or of the way into the spool; what is kept carries the trace to its workers. */
export function traceKeep(tracing: Tracing, keep: ReceiveParts['keep']): ReceiveParts['keep'] {
  return (delivery) => {
    const queues = delivery.jobs.map(({ queue }) => queue);
    const attributes = { ...aboutEvent(delivery.event), 'switchyard.queues': queues };
    return tracing.span('enqueue', { kind: 'producer', attributes }, async (span) => {
      const kept = await keep({ ...delivery, trace: span.carrier() });
      span.set({ 'switchyard.result': kept });
      return kept;
    });
  };
}
