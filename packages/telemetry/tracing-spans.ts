import {
  type Context,
  context,
  type Span as OtelSpan,
  propagation,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  type Tracer,
  trace,
} from '@opentelemetry/api';
import { errorCode, type Span, type SpanAttributes, type SpanSettings, type Tracing } from './tracing.ts';

const KINDS = {
  internal: SpanKind.INTERNAL,
  server: SpanKind.SERVER,
  client: SpanKind.CLIENT,
  producer: SpanKind.PRODUCER,
} as const;

/** Our words for OpenTelemetry's. */
export function createSpans(tracer: Tracer): Omit<Tracing, 'close'> {
  function begin(name: string, settings: SpanSettings): { readonly own: OtelSpan; readonly within: Context } {
    const { kind = 'internal', attributes = {}, caller, startedAt } = settings;
    const parent = caller === undefined ? context.active() : propagation.extract(ROOT_CONTEXT, caller);
    const options = { kind: KINDS[kind], ...(startedAt === undefined ? {} : { startTime: startedAt }) };
    const own = tracer.startSpan(name, options, parent);
    setAll(own, attributes);
    return { own, within: trace.setSpan(parent, own) };
  }

  return {
    async span(name, settings, work) {
      const { own, within } = begin(name, settings);
      const span = wrap(own, within);
      try {
        return await context.with(within, () => work(span));
      } catch (error) {
        span.fail(errorCode(error));
        throw error;
      } finally {
        own.end();
      }
    },
    spanSync(name, settings, work) {
      const { own, within } = begin(name, settings);
      const span = wrap(own, within);
      try {
        return context.with(within, () => work(span));
      } catch (error) {
        span.fail(errorCode(error));
        throw error;
      } finally {
        own.end();
      }
    },
    current() {
      const active = context.active();
      const own = trace.getSpan(active);
      return own === undefined ? null : wrap(own, active);
    },
  };
}

function wrap(own: OtelSpan, within: Context): Span {
  return {
    traceId: own.spanContext().traceId,
    set: (attributes) => setAll(own, attributes),
    fail(code) {
      own.setAttribute('error.type', code);
      own.setStatus({ code: SpanStatusCode.ERROR, message: code });
    },
    carrier() {
      const headers: Record<string, string> = {};
      propagation.inject(within, headers);
      return JSON.stringify(headers);
    },
  };
}

function setAll(own: OtelSpan, attributes: SpanAttributes): void {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null) continue;
    own.setAttribute(name, typeof value === 'object' ? [...value] : value);
  }
}
