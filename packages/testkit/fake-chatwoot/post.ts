import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';

export interface Outcome {
  /** The final status; null when no answer came. */
  readonly status: number | null;
  /** Null on any 2xx. */
  readonly error: string | null;
}

const maxRedirects = 10;

/**
 * One POST the way Chatwoot's SafeFetch does it: a connection of its own, up to 10 redirects followed with the
 * same method, headers and body, and a body that is read and ignored (contract §1.3).
 */
export async function post(
  url: string,
  headers: Readonly<Record<string, string>>,
  body: string,
  timeoutMs: number,
  closing: AbortSignal,
): Promise<Outcome> {
  let target = url;
  for (let hop = 0; hop <= maxRedirects; hop += 1) {
    const answer = await once(target, headers, body, timeoutMs, closing);
    if (answer.status === null) return { status: null, error: answer.error };
    const moved = answer.status >= 300 && answer.status < 400 && answer.location !== undefined;
    if (!moved || answer.location === undefined) {
      const ok = answer.status >= 200 && answer.status < 300;
      return { status: answer.status, error: ok ? null : `HTTP ${answer.status}` };
    }
    target = new URL(answer.location, target).href;
  }
  return { status: null, error: 'too many redirects' };
}

type Answer =
  | { readonly status: number; readonly location: string | undefined }
  | { readonly status: null; readonly error: string };

function once(
  url: string,
  headers: Readonly<Record<string, string>>,
  body: string,
  timeoutMs: number,
  closing: AbortSignal,
): Promise<Answer> {
  return new Promise((resolve) => {
    if (!URL.canParse(url)) return resolve({ status: null, error: `not a URL: ${url}` });
    const send = new URL(url).protocol === 'https:' ? httpsRequest : httpRequest;
    const signal = AbortSignal.any([closing, AbortSignal.timeout(timeoutMs)]);
    const failed = (error: Error) => {
      const reason = closing.aborted
        ? 'closed'
        : signal.aborted
          ? `timed out after ${timeoutMs} ms`
          : error.message;
      resolve({ status: null, error: reason });
    };
    const request = send(url, { method: 'POST', headers, agent: false, signal }, (response) => {
      response.on('error', failed);
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, location: response.headers.location }),
      );
      response.resume();
    });
    request.on('error', failed);
    request.end(body);
  });
}
