/** `skip`: could not be tried, and why. */
type RowStatus = 'ok' | 'fail' | 'skip';

/** One thing that was tried. */
export interface Row {
  readonly name: string;
  readonly status: RowStatus;
  readonly detail: string;
  /** What to do, where something is to be done. */
  readonly fix: string | null;
  /** From the customer's message, or the copy, until it was seen; null where nothing was waited for. */
  readonly ms: number | null;
}

export const passed = (name: string, detail: string, ms: number | null = null): Row => ({
  name,
  status: 'ok',
  detail,
  fix: null,
  ms,
});
export const failed = (
  name: string,
  detail: string,
  fix: string | null = null,
  ms: number | null = null,
): Row => ({ name, status: 'fail', detail, fix, ms });
export const skipped = (name: string, detail: string): Row => ({
  name,
  status: 'skip',
  detail,
  fix: null,
  ms: null,
});

/** Whether what comes after it can be tried. */
export function went({ status }: Row): boolean {
  return status === 'ok';
}
