import { describe, expect, it } from 'vitest';
import { readEnv } from './env.ts';
import { ConfigError } from './error.ts';
import { tracingFrom } from './tracing.ts';

const COLLECTOR = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318' };
const ALL = { exporter: 'otlp', sampler: 'parentbased_always_on', ratio: 1 };

describe('tracing', () => {
  it.each([
    ['with nothing set', {}],
    ['with a service name alone', { OTEL_SERVICE_NAME: 'x', OTEL_RESOURCE_ATTRIBUTES: 'a=b' }],
    ['when the SDK is disabled', { ...COLLECTOR, OTEL_SDK_DISABLED: 'True' }],
    ['without an exporter', { ...COLLECTOR, OTEL_TRACES_EXPORTER: 'none' }],
    ['when what is set is for others', { OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc', OTEL_TRACES_SAMPLER: 'xray' }],
    ['and then not even nonsense matters', { OTEL_SDK_DISABLED: 'true', OTEL_TRACES_EXPORTER: 'zipkin' }],
  ])('is off %s', (_when, env) => {
    expect(tracingFrom(readEnv(env))).toBeNull();
  });

  it.each([
    ['with a collector', COLLECTOR, ALL],
    ['with one for traces', { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'https://c/v1/traces' }, ALL],
    ['with an exporter', { OTEL_TRACES_EXPORTER: 'otlp' }, ALL],
    ['into the log', { OTEL_TRACES_EXPORTER: 'console' }, { ...ALL, exporter: 'console' }],
    [
      'into the log all the same',
      { ...COLLECTOR, OTEL_TRACES_EXPORTER: 'console' },
      { ...ALL, exporter: 'console' },
    ],
    ['when the SDK is not disabled', { ...COLLECTOR, OTEL_SDK_DISABLED: 'false' }, ALL],
    [
      'for a share of the deliveries',
      { ...COLLECTOR, OTEL_TRACES_SAMPLER: 'parentbased_traceidratio', OTEL_TRACES_SAMPLER_ARG: '0.05' },
      { ...ALL, sampler: 'parentbased_traceidratio', ratio: 0.05 },
    ],
    [
      'over the protocol that is ours, whatever the others use',
      {
        ...COLLECTOR,
        OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc',
        OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: 'http/protobuf',
      },
      ALL,
    ],
  ])('is on %s', (_when, env, expected) => {
    expect(tracingFrom(readEnv(env))).toEqual(expected);
  });

  it.each([
    ['OTEL_TRACES_EXPORTER', 'jaeger', 'expected otlp, console or none'],
    ['OTEL_TRACES_EXPORTER', 'otlp,console', 'expected otlp, console or none'],
    ['OTEL_EXPORTER_OTLP_ENDPOINT', 'collector:4318', 'expected a URL such as http://collector:4318'],
    ['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT', '/v1/traces', 'expected a URL such as http://collector:4318'],
    [
      'OTEL_EXPORTER_OTLP_PROTOCOL',
      'grpc',
      'expected http/protobuf, the only one there is; a collector takes it on port 4318',
    ],
    [
      'OTEL_TRACES_SAMPLER',
      'jaeger_remote',
      'expected one of always_on, always_off, traceidratio, parentbased_always_on, parentbased_always_off, ' +
        'parentbased_traceidratio',
    ],
    ['OTEL_TRACES_SAMPLER_ARG', '5%', 'expected a number from 0 to 1'],
    ['OTEL_TRACES_SAMPLER_ARG', '1.5', 'expected a number from 0 to 1'],
  ])('%s: %j is one line that says what is expected', (name, value, says) => {
    const read = () => tracingFrom(readEnv({ ...COLLECTOR, [name]: value }));
    expect(linesOf(read)).toEqual([`${name}: ${says}`]);
  });
});

function linesOf(read: () => unknown): readonly string[] {
  try {
    read();
  } catch (error) {
    if (error instanceof ConfigError) return error.lines;
    throw error;
  }
  return [];
}
