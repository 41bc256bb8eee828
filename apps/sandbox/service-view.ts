import type { ProcessState, ProcessView } from './view.ts';

/** A service as the board shows it: it has no lines of its own here, and nobody starts it again. */
export function serviceView(name: string, detail: string, state: ProcessState = 'ready'): ProcessView {
  return { name, kind: 'service', state, detail, pid: null, restarts: 0, troubles: 0 };
}
