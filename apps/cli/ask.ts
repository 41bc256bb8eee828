import { request } from 'undici';

export interface Question {
  readonly url: string;
  readonly method?: 'GET' | 'HEAD' | 'POST';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly limitMs: number;
  readonly signal?: AbortSignal | undefined;
}

export interface Answer {
  readonly status: number;
  /** The `Date` header. */
  readonly date: string | undefined;
  readonly text: string;
}

/** Nobody answered: refused, unknown host, too late. The message says which. */
export class NoAnswer extends Error {
  override readonly name = 'NoAnswer';
}

/** One HTTP call, on a connection of its own, as far as its answer; redirects are answers. @throws {NoAnswer} */
export async function ask({
  url,
  method = 'GET',
  headers = {},
  body,
  limitMs,
  signal,
}: Question): Promise<Answer> {
  const limit = AbortSignal.timeout(limitMs);
  try {
    const answer = await request(url, {
      method,
      headers,
      reset: true,
      ...(body === undefined ? {} : { body }),
      signal: signal === undefined ? limit : AbortSignal.any([limit, signal]),
    });
    const { date } = answer.headers;
    return {
      status: answer.statusCode,
      date: typeof date === 'string' ? date : undefined,
      text: await answer.body.text(),
    };
  } catch (error) {
    throw new NoAnswer(limit.aborted ? `no answer within ${limitMs / 1000} s` : reasonOf(error), {
      cause: error,
    });
  }
}

/** The code of a connection's fault says most: ECONNREFUSED, ENOTFOUND, CERT_HAS_EXPIRED. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown reason';
  const code: unknown = Reflect.get(error, 'code');
  if (error.cause instanceof Error) return reasonOf(error.cause);
  return typeof code === 'string' ? code : error.message;
}
