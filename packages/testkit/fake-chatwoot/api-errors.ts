import type { ContactProblem } from './contacts.ts';

/** An answer that isn't 200, with the bodies of contract §3.1. */
export class ApiError extends Error {
  readonly status: number;
  readonly body: unknown;

  constructor(status: number, body: unknown) {
    super(`HTTP ${status}`);
    this.status = status;
    this.body = body;
  }
}

/** A value outside a Rails enum: Chatwoot doesn't catch the error and answers 500 (contract §3.1). */
export class InvalidEnum extends Error {}

/** Chatwoot's own code broke (contract [R] 9). */
export function internalError(): ApiError {
  return new ApiError(500, { status: 500, error: 'Internal Server Error' });
}

export function notFound(): ApiError {
  return new ApiError(404, { error: 'Resource could not be found' });
}

export function unauthorized(error: string): ApiError {
  return new ApiError(401, { error });
}

export function forbiddenByPolicy(): ApiError {
  return unauthorized('You are not authorized to do this action');
}

export function unprocessable(error: string): ApiError {
  return new ApiError(422, { error });
}

export function invalidRecord({ message, attributes }: ContactProblem): ApiError {
  return new ApiError(422, { message, attributes });
}

/** The row, or Chatwoot's 404. */
export function found<Row>(row: Row | null | undefined): Row {
  if (row === null || row === undefined) throw notFound();
  return row;
}
