import { createServer } from 'node:http';
import { buffer } from 'node:stream/consumers';

export interface CollectedSpan {
  /** `service.name` of the process it comes from. */
  readonly service: string;
  readonly traceId: string;
  readonly spanId: string;
  /** '' for the first of a trace. */
  readonly parentId: string;
  readonly name: string;
  /** OpenTelemetry's numbers: 1 internal, 2 server, 3 client, 4 producer, 5 consumer. */
  readonly kind: number;
  readonly attributes: Readonly<Record<string, unknown>>;
  /** '' unless it failed. */
  readonly error: string;
  readonly events: number;
}

/** An OpenTelemetry collector for OTLP over HTTP in protobuf, that keeps what it gets. */
export interface FakeCollector {
  readonly url: string;
  readonly spans: readonly CollectedSpan[];
  /** Every byte it was sent, for looking for what must not be in it. */
  bytes(): Buffer;
  close(): Promise<void>;
}

export async function startFakeCollector(): Promise<FakeCollector> {
  const spans: CollectedSpan[] = [];
  const bodies: Buffer[] = [];
  const server = createServer((request, response) => {
    void buffer(request).then((body) => {
      bodies.push(body);
      spans.push(...spansOf(body));
      response.writeHead(200, { 'content-type': 'application/x-protobuf' }).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  return {
    url: `http://127.0.0.1:${port}`,
    spans,
    bytes: () => Buffer.concat(bodies),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** ExportTraceServiceRequest of https://github.com/open-telemetry/opentelemetry-proto, by its field numbers. */
function spansOf(request: Buffer): CollectedSpan[] {
  return fields(request, 1).flatMap((ofResource) => {
    const service = String(attributes(fields(ofResource, 1)[0] ?? EMPTY, 1)['service.name']);
    return fields(ofResource, 2)
      .flatMap((ofScope) => fields(ofScope, 2))
      .map((span) => {
        const status = fields(span, 15)[0] ?? EMPTY;
        return {
          service,
          traceId: hex(span, 1),
          spanId: hex(span, 2),
          parentId: hex(span, 4),
          name: text(span, 5),
          kind: number(span, 6),
          attributes: attributes(span, 9),
          error: number(status, 3) === 2 ? text(status, 2) : '',
          events: fields(span, 11).length,
        };
      });
  });
}

const EMPTY = Buffer.alloc(0);

const hex = (message: Buffer, field: number) => (fields(message, field)[0] ?? EMPTY).toString('hex');
const text = (message: Buffer, field: number) => (fields(message, field)[0] ?? EMPTY).toString('utf8');

function attributes(message: Buffer, field: number): Record<string, unknown> {
  return Object.fromEntries(
    fields(message, field).map((pair) => [text(pair, 1), anyValue(fields(pair, 2)[0] ?? EMPTY)]),
  );
}

function anyValue(value: Buffer): unknown {
  const [list] = fields(value, 5);
  if (list !== undefined) return fields(list, 1).map(anyValue);
  if (fields(value, 1).length > 0) return text(value, 1);
  return number(value, 2) === 1 || number(value, 3);
}

function number(message: Buffer, field: number): number {
  for (const part of parts(message))
    if (part.field === field && typeof part.value === 'number') return part.value;
  return 0;
}

/** The values of a field that are strings, bytes or messages. */
function fields(message: Buffer, field: number): Buffer[] {
  const found: Buffer[] = [];
  for (const part of parts(message))
    if (part.field === field && Buffer.isBuffer(part.value)) found.push(part.value);
  return found;
}

function* parts(message: Buffer): Generator<{ field: number; value: Buffer | number }> {
  let at = 0;
  const varint = () => {
    let value = 0;
    for (let factor = 1; ; factor *= 128) {
      const byte = message.readUInt8(at++);
      value += (byte & 127) * factor;
      if (byte < 128) return value;
    }
  };
  while (at < message.length) {
    const key = varint();
    const wire = key & 7;
    if (wire === 0) yield { field: key >> 3, value: varint() };
    else {
      const length = wire === 1 ? 8 : wire === 5 ? 4 : varint();
      yield { field: key >> 3, value: message.subarray(at, at + length) };
      at += length;
    }
  }
}
