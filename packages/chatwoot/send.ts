/** One HTTP call to an outside system. Timeouts, keep-alive, metrics and logs belong to the sender. */
export type Send = (request: HttpRequest) => Promise<HttpResponse>;

export interface HttpRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly url: string;
  /** What is done, as a bounded metric label: `messages.create`. */
  readonly operation: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly signal?: AbortSignal;
}

/** Any status; the sender throws a CallFailure (`outage`, `unknown-outcome`) only when there is no answer. */
export interface HttpResponse {
  readonly status: number;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: string;
}
