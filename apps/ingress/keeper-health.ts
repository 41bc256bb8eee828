import type { DependencyHealth } from '@switchyard/telemetry';
import type { KeeperState } from './keeper.ts';

/** The ingress is able to work while it can make deliveries durable, in Redis or in the spool. */
export interface KeeperHealth {
  /** What the connection to Redis says of itself goes here instead of into `/readyz`. */
  readonly redis: DependencyHealth;
  update(state: KeeperState): void;
}

export function createKeeperHealth(shown: DependencyHealth): KeeperHealth {
  let away: string | null = 'not there yet';
  let state: KeeperState | null = null;

  function show(): void {
    if (state === null) return;
    const { ok, detail } = readinessOf(away, state);
    if (ok) shown.ready(detail);
    else shown.notReady(detail);
  }

  return {
    redis: {
      ready() {
        away = null;
        show();
      },
      notReady(detail) {
        away = detail;
        show();
      },
      warn: (topic, detail) => shown.warn(topic, detail),
    },
    update(next) {
      state = next;
      show();
    },
  };
}

/** `away` says why there is no connection; null while there is one. */
export function readinessOf(
  away: string | null,
  { mode, failing, standing }: KeeperState,
): { readonly ok: boolean; readonly detail: string } {
  if (failing) return { ok: false, detail: 'away, and the spool takes nothing' };
  // What comes is safe on the disk, and yet nobody works on it: that must not look well.
  if (standing && away === null)
    return { ok: false, detail: 'refuses the oldest delivery of the spool, which stands still; see the log' };
  if (mode === 'direct') return { ok: true, detail: away === null ? 'ok' : `${away}; the spool is ready` };
  return { ok: true, detail: away === null ? 'draining the spool' : 'away, spooling' };
}
