import { SpanKind, SpanStatusCode } from '@opentelemetry/api';
import { ExportResultCode, hrTimeToMilliseconds } from '@opentelemetry/core';
import type { ReadableSpan, SpanExporter } from '@opentelemetry/sdk-trace';
import type { Logger } from './log.ts';

/** Says once that the collector does not take our spans, however long it lasts, and once that it does again. */
export function createToldExporter(inner: SpanExporter, log: Logger): SpanExporter {
  let away = false;
  return {
    export(spans, done) {
      inner.export(spans, (result) => {
        const failed = result.code !== ExportResultCode.SUCCESS;
        if (failed && !away)
          log.warn({ err: result.error }, 'traces do not reach the collector; work goes on');
        if (!failed && away) log.info('traces reach the collector again');
        away = failed;
        done(result);
      });
    },
    shutdown: () => inner.shutdown(),
    ...(inner.forceFlush === undefined
      ? {}
      : { forceFlush: () => inner.forceFlush?.() ?? Promise.resolve() }),
  };
}

/** A line of the log for each span: what `OTEL_TRACES_EXPORTER=console` means where every line is JSON. */
export function createLogExporter(log: Logger): SpanExporter {
  return {
    export(spans, done) {
      for (const span of spans) log.info(fieldsOf(span), 'span');
      done({ code: ExportResultCode.SUCCESS });
    },
    shutdown: () => Promise.resolve(),
  };
}

function fieldsOf(span: ReadableSpan) {
  const { traceId, spanId } = span.spanContext();
  return {
    trace_id: traceId,
    span_id: spanId,
    parent_span_id: span.parentSpanContext?.spanId,
    span: span.name,
    kind: SpanKind[span.kind].toLowerCase(),
    ms: Math.round(hrTimeToMilliseconds(span.duration) * 100) / 100,
    status: SpanStatusCode[span.status.code].toLowerCase(),
    attributes: span.attributes,
  };
}
