/** `SPOOL_FULL`: its limit is reached; `SPOOL_DISK`: the disk refused; `SPOOL_CLOSED`: the process is stopping. */
export type SpoolErrorCode = 'SPOOL_FULL' | 'SPOOL_DISK' | 'SPOOL_CLOSED';

/** A delivery that could not be spooled. It is not durable, and whoever sent it has to be told. */
export class SpoolError extends Error {
  override readonly name = 'SpoolError';
  readonly code: SpoolErrorCode;

  constructor(code: SpoolErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
