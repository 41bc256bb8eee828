import type { Context } from '@opentelemetry/api';
import type { Span, Telemetry } from 'bullmq';
import { BullMQOtel } from 'bullmq-otel';

/** Of all that BullMQ makes spans of, what belongs to a delivery: an attempt. The rest is its housekeeping. */
const ATTEMPT = 'process ';

/** What BullMQ says of an attempt beside its job: the texts of errors and results, which may quote a customer. */
const SILENT: Pick<Span<Context>, 'addEvent' | 'recordException'> = {
  addEvent: () => {},
  recordException: () => {},
};

const NO_SPAN: Span<Context> = {
  ...SILENT,
  setSpanOnContext: (context) => context,
  setAttribute: () => {},
  setAttributes: () => {},
  end: () => {},
};

/**
 * BullMQ's own tracing, for its worker: the span `process <queue>` around every attempt, below the span whose context
 * the job carries.
 */
export function createQueueTelemetry(): Telemetry<Context> {
  const { contextManager, tracer } = new BullMQOtel({ tracerName: 'switchyard' });
  return {
    contextManager,
    tracer: {
      startSpan(name, options, context) {
        if (!name.startsWith(ATTEMPT)) return NO_SPAN;
        const span = tracer.startSpan(name, options, context);
        return {
          ...SILENT,
          setSpanOnContext: (onto: Context) => span.setSpanOnContext(onto),
          setAttribute: (key, value) => span.setAttribute(key, value),
          setAttributes: (attributes) => span.setAttributes(attributes),
          end: () => span.end(),
        };
      },
    },
  };
}
