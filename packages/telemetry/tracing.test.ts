import { ExportResultCode } from '@opentelemetry/core';
import type { SpanExporter } from '@opentelemetry/sdk-trace';
import { afterEach, describe, expect, it } from 'vitest';
import { createLogger } from './log.ts';
import { errorCode, type Tracing, type TracingSettings } from './tracing.ts';
import { createToldExporter } from './tracing-exporter.ts';
import { startTracing } from './tracing-sdk.ts';

const CALLER = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

let lines: Record<string, unknown>[];
let tracing: Tracing | null = null;

function log() {
  lines = [];
  return createLogger({
    app: 'test',
    level: 'info',
    destination: { write: (line) => lines.push(JSON.parse(line)) },
  });
}

function start(settings: Partial<TracingSettings> = {}): Tracing {
  tracing = startTracing({
    app: 'test',
    version: '0',
    settings: { exporter: 'console', sampler: 'parentbased_always_on', ratio: 1, ...settings },
    log: log(),
  });
  return tracing;
}

const spans = async () => {
  await tracing?.close();
  return lines.filter(({ msg }) => msg === 'span');
};

afterEach(() => tracing?.close());

describe('a span', () => {
  it('is below the one at hand, over whatever is awaited', async () => {
    const { span, spanSync, current } = start();
    expect(current()).toBeNull();
    await span('outer', { kind: 'server', attributes: { a: 1, nothing: null } }, async (outer) => {
      await new Promise((resolve) => setImmediate(resolve));
      expect(current()?.traceId).toBe(outer.traceId);
      await span('inner', {}, async () => void spanSync('innermost', {}, () => 0));
    });
    const [innermost, inner, outer] = await spans();
    expect(outer).toMatchObject({ span: 'outer', kind: 'server', status: 'unset', attributes: { a: 1 } });
    expect(outer?.attributes).not.toHaveProperty('nothing');
    expect(outer?.parent_span_id).toBeUndefined();
    expect(inner).toMatchObject({ span: 'inner', parent_span_id: outer?.span_id, trace_id: outer?.trace_id });
    expect(innermost).toMatchObject({ span: 'innermost', parent_span_id: inner?.span_id });
  });

  it('that fails has the code of the error and not its words', async () => {
    const { span, spanSync } = start();
    const error = Object.assign(new Error('to priya@enterprise.example'), { code: 'HTTP_422' });
    await expect(span('fails', {}, () => Promise.reject(error))).rejects.toBe(error);
    expect(() => spanSync('fails at once', {}, () => JSON.parse('{'))).toThrow(SyntaxError);
    const failed = await spans();
    expect(failed).toEqual([
      expect.objectContaining({ status: 'error', attributes: { 'error.type': 'HTTP_422' } }),
      expect.objectContaining({ status: 'error', attributes: { 'error.type': 'SyntaxError' } }),
    ]);
    expect(JSON.stringify(failed)).not.toContain('priya');
  });

  it('continues its caller and is continued by what it carries', async () => {
    const { span } = start();
    const carried = await span('ours', { caller: { traceparent: CALLER } }, (one) =>
      Promise.resolve(one.carrier()),
    );
    const [ours] = await spans();
    expect(ours).toMatchObject({
      trace_id: '0af7651916cd43dd8448eb211c80319c',
      parent_span_id: 'b7ad6b7169203331',
    });
    expect(JSON.parse(carried)).toEqual({
      traceparent: `00-0af7651916cd43dd8448eb211c80319c-${String(ours?.span_id)}-01`,
    });
  });

  it.each([undefined, '', 'nonsense', CALLER.replace('0af', 'xyz'), CALLER.replaceAll(/[1-9a-f]/g, '0')])(
    'begins a trace of its own when its caller sends %j',
    async (traceparent) => {
      const { span } = start();
      await span('ours', { caller: { traceparent } }, async () => {});
      const [ours] = await spans();
      expect(ours?.parent_span_id).toBeUndefined();
      expect(ours?.trace_id).toMatch(/^[0-9a-f]{32}$/);
    },
  );

  it('says at most 200 characters of anything', async () => {
    await start().span('long', { attributes: { long: 'x'.repeat(10_000) } }, async () => {});
    expect((await spans())[0]?.attributes).toEqual({ long: 'x'.repeat(200) });
  });
});

it.each([
  ['always_on', 0, true, true],
  ['always_off', 1, false, false],
  ['traceidratio', 0, false, false],
  ['traceidratio', 1, true, true],
  ['parentbased_always_on', 0, true, true],
  ['parentbased_always_off', 1, false, true],
  ['parentbased_traceidratio', 0, false, true],
] as const)(
  'the sampler %s of %d takes a new trace: %s, a sampled caller: %s',
  async (sampler, ratio, own, called) => {
    const { span } = start({ sampler, ratio });
    await span('own', {}, async () => {});
    await span('called', { caller: { traceparent: CALLER } }, async () => {});
    const taken = (await spans()).map((line) => line.span);
    expect(taken).toEqual([...(own ? ['own'] : []), ...(called ? ['called'] : [])]);
  },
);

it('tells of a collector that is away once, and once when it is back', () => {
  const answers = [1, 1, 0, 0, 1];
  const inner: SpanExporter = {
    export: (_spans, done) =>
      done({ code: answers.shift() === 1 ? ExportResultCode.FAILED : ExportResultCode.SUCCESS }),
    shutdown: () => Promise.resolve(),
  };
  const exporter = createToldExporter(inner, log());
  for (let batch = 0; batch < 5; batch += 1) exporter.export([], () => {});
  expect(lines.map(({ msg }) => msg)).toEqual([
    'traces do not reach the collector; work goes on',
    'traces reach the collector again',
    'traces do not reach the collector; work goes on',
  ]);
});

it.each([
  [Object.assign(new Error('x'), { code: 'ECONNREFUSED' }), 'ECONNREFUSED'],
  [Object.assign(new Error('x'), { code: 'said: hello' }), 'Error'],
  [new TypeError('x'), 'TypeError'],
  ['thrown', 'UNKNOWN'],
])('of %s a span says %s', (error, code) => {
  expect(errorCode(error)).toBe(code);
});
