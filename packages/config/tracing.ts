import type { Env } from './env.ts';
import { ConfigError } from './error.ts';

/** How traces are made and where they go; what is not here, the SDK reads from its variables itself. */
export interface TracingConfig {
  readonly exporter: 'otlp' | 'console';
  readonly sampler: (typeof SAMPLERS)[number];
  /** From 0 to 1; for the samplers with `traceidratio` in their names. */
  readonly ratio: number;
}

const SAMPLERS = [
  'always_on',
  'always_off',
  'traceidratio',
  'parentbased_always_on',
  'parentbased_always_off',
  'parentbased_traceidratio',
] as const;

/**
 * Whether and how to trace. Off unless a collector or an exporter is named. Only what is used is checked: a platform
 * may set variables of OpenTelemetry for all that runs on it.
 *
 * @returns null where tracing is off.
 * @throws {ConfigError} one line a variable.
 */
export function tracingFrom(env: Env): TracingConfig | null {
  if (env.OTEL_SDK_DISABLED?.toLowerCase() === 'true') return null;
  const exporter = exporterOf(env);
  if (exporter === null) return null;
  const sampler = SAMPLERS.find((name) => name === (env.OTEL_TRACES_SAMPLER ?? 'parentbased_always_on'));
  const ratio = Number(env.OTEL_TRACES_SAMPLER_ARG ?? '1');
  const faults = [
    ...(exporter === 'otlp' ? otlpFaults(env) : []),
    ...(sampler === undefined ? [`OTEL_TRACES_SAMPLER: expected one of ${SAMPLERS.join(', ')}`] : []),
    ...(isRatio(ratio) ? [] : ['OTEL_TRACES_SAMPLER_ARG: expected a number from 0 to 1']),
  ];
  if (faults.length > 0 || sampler === undefined) throw new ConfigError(faults);
  return { exporter, sampler, ratio };
}

function exporterOf(env: Env): TracingConfig['exporter'] | null {
  const named = env.OTEL_TRACES_EXPORTER;
  const collector = env.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT ?? env.OTEL_EXPORTER_OTLP_ENDPOINT;
  switch (named) {
    case 'otlp':
    case 'console':
      return named;
    case 'none':
      return null;
    case undefined:
      return collector === undefined ? null : 'otlp';
    default:
      throw new ConfigError(['OTEL_TRACES_EXPORTER: expected otlp, console or none']);
  }
}

function otlpFaults(env: Env): string[] {
  const endpoints = ['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT', 'OTEL_EXPORTER_OTLP_ENDPOINT'] as const;
  const protocols = ['OTEL_EXPORTER_OTLP_TRACES_PROTOCOL', 'OTEL_EXPORTER_OTLP_PROTOCOL'] as const;
  // The one for traces comes before the one for everything.
  const protocol = protocols.find((name) => env[name] !== undefined);
  return [
    ...endpoints
      .filter((name) => !isWebAddress(env[name]))
      .map((name) => `${name}: expected a URL such as http://collector:4318`),
    ...(protocol !== undefined && env[protocol] !== 'http/protobuf'
      ? [`${protocol}: expected http/protobuf, the only one there is; a collector takes it on port 4318`]
      : []),
  ];
}

function isWebAddress(value: string | undefined): boolean {
  return value === undefined || ['http:', 'https:'].includes(URL.parse(value)?.protocol ?? '');
}

function isRatio(value: number): boolean {
  return value >= 0 && value <= 1;
}
