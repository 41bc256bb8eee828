export type SpanAttributes = Readonly<Record<string, string | number | boolean | readonly string[] | null>>;

/** A piece of work in a trace. What is said of it holds ids and bounded words only: no secrets, no customer's data. */
export interface Span {
  readonly traceId: string;
  /** null says nothing. */
  set(attributes: SpanAttributes): void;
  /** It failed, by one of our codes; never by a message, which may quote somebody. */
  fail(code: string): void;
  /**
   * What another process continues this trace with: the headers of W3C Trace Context as a JSON object, the form in
   * which BullMQ carries it in a job's options.
   */
  carrier(): string;
}

export interface SpanSettings {
  /** `internal` by default. */
  readonly kind?: 'internal' | 'server' | 'client' | 'producer';
  readonly attributes?: SpanAttributes;
  /** The `traceparent` that who called us sent, if any: continued when it is valid, else a new trace begins. */
  readonly caller?: { readonly traceparent: string | undefined };
  /** When it began, epoch milliseconds; now by default. */
  readonly startedAt?: number;
}

/** The traces of a process. Where tracing is off there is none, so that it costs nothing. */
export interface Tracing {
  /** Runs `work` in a span below the one at hand. What `work` throws marks the span with its code and is thrown on. */
  span<T>(name: string, settings: SpanSettings, work: (span: Span) => Promise<T>): Promise<T>;
  /** The same for work that does not wait for anything. */
  spanSync<T>(name: string, settings: SpanSettings, work: (span: Span) => T): T;
  /** The span at hand, null outside of any. */
  current(): Span | null;
  /** Sends what is not sent yet, within a limit. */
  close(): Promise<void>;
}

/** How traces are made and where they go; `OTEL_…` of the environment, as far as the SDK does not read them itself. */
export interface TracingSettings {
  readonly exporter: 'otlp' | 'console';
  readonly sampler: SamplerName;
  /** Of the traces that begin here, from 0 to 1; for the samplers with `traceidratio` in their names. */
  readonly ratio: number;
}

type SamplerName =
  | 'always_on'
  | 'always_off'
  | 'traceidratio'
  | 'parentbased_always_on'
  | 'parentbased_always_off'
  | 'parentbased_traceidratio';

/** What a span may say of an error: its code, or the name of its kind. */
export function errorCode(error: unknown): string {
  if (!(error instanceof Error)) return 'UNKNOWN';
  const code: unknown = Reflect.get(error, 'code');
  return typeof code === 'string' && /^[\w.-]{1,80}$/.test(code) ? code : error.name.slice(0, 80);
}
