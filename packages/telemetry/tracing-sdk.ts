import { setTimeout as sleep } from 'node:timers/promises';
import { context, DiagLogLevel, diag, propagation, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { setGlobalErrorHandler, W3CTraceContextPropagator } from '@opentelemetry/core';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import {
  defaultResource,
  detectResources,
  type Resource,
  resourceAttributesEnvDetector,
  resourceFromAttributes,
  serviceInstanceIdDetector,
  serviceNameEnvDetector,
} from '@opentelemetry/resources';
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  BatchSpanProcessor,
  ParentBasedSampler,
  type Sampler,
  SimpleSpanProcessor,
  type SpanProcessor,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from '@opentelemetry/sdk-trace';
import type { Logger } from './log.ts';
import type { Tracing, TracingSettings } from './tracing.ts';
import { createLogExporter, createToldExporter } from './tracing-exporter.ts';
import { createSpans } from './tracing-spans.ts';

export interface TracingParts {
  readonly app: string;
  readonly version: string;
  readonly settings: TracingSettings;
  readonly log: Logger;
}

/** Spans that wait for the collector; what is beyond is dropped, so that one that is away costs bounded memory. */
const WAITING_SPANS = 4_096;
const SEND_EVERY_MS = 1_000;
const SEND_LIMIT_MS = 10_000;
/** Within what close-with-grace allows on top of the app's own limit (process.ts). */
const FLUSH_MS = 2_000;
const LONGEST_VALUE = 200;

/**
 * OpenTelemetry's SDK, registered for the whole process, as bullmq-otel expects. Only imported where tracing is on:
 * it is what makes a start slower and a process larger. The exporter and the resource read their `OTEL_…` variables
 * themselves (https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/).
 */
export function startTracing({ app, version, settings, log }: TracingParts): Tracing {
  // Here already, because the SDK complains of its variables while it is made.
  sayOnce(log);
  const provider = new TracerProvider({
    resource: resourceOf(app, version),
    sampler: samplerOf(settings),
    spanLimits: { attributeValueLengthLimit: LONGEST_VALUE },
    spanProcessors: [processorOf(settings, log)],
  });
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  propagation.setGlobalPropagator(new W3CTraceContextPropagator());
  trace.setGlobalTracerProvider(provider);
  return {
    ...createSpans(provider.getTracer('switchyard', version)),
    async close() {
      // Why it could not be sent was told by the exporter.
      const sent = provider.shutdown().catch(() => {});
      await Promise.race([sent, sleep(FLUSH_MS, null, { ref: false })]);
      for (const api of [trace, propagation, context, diag]) api.disable();
    },
  };
}

/** `OTEL_SERVICE_NAME` comes before `OTEL_RESOURCE_ATTRIBUTES`, and both before what we call ourselves. */
function resourceOf(app: string, version: string): Resource {
  const own = resourceFromAttributes({ 'service.name': `switchyard-${app}`, 'service.version': version });
  const detectors = [serviceInstanceIdDetector, resourceAttributesEnvDetector, serviceNameEnvDetector];
  return defaultResource().merge(own).merge(detectResources({ detectors }));
}

function samplerOf({ sampler, ratio }: TracingSettings): Sampler {
  switch (sampler) {
    case 'always_on':
      return new AlwaysOnSampler();
    case 'always_off':
      return new AlwaysOffSampler();
    case 'traceidratio':
      return new TraceIdRatioBasedSampler(ratio);
    case 'parentbased_always_on':
      return new ParentBasedSampler({ root: new AlwaysOnSampler() });
    case 'parentbased_always_off':
      return new ParentBasedSampler({ root: new AlwaysOffSampler() });
    case 'parentbased_traceidratio':
      return new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(ratio) });
  }
}

function processorOf({ exporter }: TracingSettings, log: Logger): SpanProcessor {
  if (exporter === 'console') return new SimpleSpanProcessor({ exporter: createLogExporter(log) });
  return new BatchSpanProcessor({
    exporter: createToldExporter(new OTLPTraceExporter(), log),
    maxQueueSize: WAITING_SPANS,
    scheduledDelayMillis: SEND_EVERY_MS,
    exportTimeoutMillis: SEND_LIMIT_MS,
  });
}

/** What the SDK has to say goes to our log, each thing once; that a batch failed is told by the exporter. */
function sayOnce(log: Logger): void {
  const said = new Set<string>();
  const say = (message: string) => {
    const what = message.replaceAll(/\d+/g, 'n').slice(0, LONGEST_VALUE);
    if (said.has(what)) return;
    said.add(what);
    log.warn({ said: message.slice(0, LONGEST_VALUE) }, 'OpenTelemetry complains; it is said once');
  };
  const silent = () => {};
  const logger = { error: say, warn: say, info: silent, debug: silent, verbose: silent };
  diag.setLogger(logger, { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true });
  setGlobalErrorHandler(silent);
}
