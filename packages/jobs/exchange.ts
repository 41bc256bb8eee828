import type { HttpRequest, HttpResponse } from '@switchyard/chatwoot';
import type { Dispatcher } from 'undici';

/** The other side had time enough. */
export class NoAnswer extends Error {
  override readonly name = 'NoAnswer';
  readonly code = 'TIMEOUT';
  constructor(ms: number) {
    super(`no answer within ${ms} ms`);
  }
}

const UTF8 = new TextDecoder();

/**
 * Sends a request and collects its whole answer. undici's `request` would make a stream of each answer, which
 * costs a busy worker a tenth of its time.
 *
 * @param timeoutMs from connecting to the last byte of the answer.
 * @throws {NoAnswer}; the reason of the call's own signal; undici's errors.
 */
export function exchange(
  dispatcher: Dispatcher,
  { url, method, headers, body, signal }: HttpRequest,
  timeoutMs: number,
): Promise<HttpResponse> {
  return new Promise((resolve, reject) => {
    const { origin, pathname, search } = new URL(url);
    const chunks: Buffer[] = [];
    let status = 0;
    let answered: HttpResponse['headers'] = {};
    let underWay: Dispatcher.DispatchController | null = null;
    let ended: Error | null = null;

    function over(): void {
      clearTimeout(timer);
      signal?.removeEventListener('abort', stop);
    }

    function end(reason: Error): void {
      ended = reason;
      over();
      underWay?.abort(reason);
      reject(reason);
    }

    const timer = setTimeout(() => end(new NoAnswer(timeoutMs)), timeoutMs);
    const stop = () => end(signal?.reason);
    if (signal?.aborted === true) return stop();
    signal?.addEventListener('abort', stop);

    dispatcher.dispatch(
      { origin, path: pathname + search, method, headers, ...(body === undefined ? {} : { body }) },
      {
        onRequestStart(controller) {
          underWay = controller;
          // It may have waited for a connection for too long.
          if (ended !== null) controller.abort(ended);
        },
        onResponseStart(_controller, statusCode, given) {
          status = statusCode;
          answered = flatten(given);
        },
        onResponseData(_controller, chunk) {
          chunks.push(chunk);
        },
        onResponseEnd() {
          over();
          const bytes = chunks.length === 1 ? chunks[0] : Buffer.concat(chunks);
          resolve({ status, headers: answered, body: UTF8.decode(bytes) });
        },
        onResponseError(_controller, error) {
          over();
          reject(error);
        },
      },
    );
  });
}

/** undici gives names in lower case. */
function flatten(headers: Readonly<Record<string, string | string[] | undefined>>): HttpResponse['headers'] {
  const flat: Record<string, string | undefined> = {};
  for (const name in headers) {
    const value = headers[name];
    flat[name] = Array.isArray(value) ? value[0] : value;
  }
  return flat;
}
