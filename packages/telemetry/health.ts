/** What `/healthz` (alive) and `/readyz` (able to work) answer. */
export interface Health {
  /**
   * Something this process needs to do its work, such as `redis`. Not ready until `ready` was said of every one.
   * `detail` is shown to operators; never a secret.
   */
  dependency(name: string): DependencyHealth;
  /** Asked on every `/healthz`: a sentence says what is wrong and makes the answer bad, null is well. */
  liveness(check: () => string | null): void;
  readiness(): HealthReport;
  alive(): HealthReport;
  /** From now on not ready: the process is stopping and takes no new work. */
  stopping(): void;
}

export interface DependencyHealth {
  ready(detail?: string): void;
  notReady(detail: string): void;
  /** Able to work, but something should be mended. */
  warn(topic: string, detail: string | null): void;
}

export interface HealthReport {
  readonly ok: boolean;
  readonly detail: Readonly<Record<string, string>>;
}

export function createHealth(): Health {
  const states = new Map<string, { ok: boolean; detail: string }>();
  const warnings = new Map<string, string>();
  const checks: (() => string | null)[] = [];
  let stopping = false;

  return {
    dependency(name) {
      states.set(name, { ok: false, detail: 'not there yet' });
      return {
        ready: (detail = 'ok') => void states.set(name, { ok: true, detail }),
        notReady: (detail) => void states.set(name, { ok: false, detail }),
        warn(topic, detail) {
          if (detail === null) warnings.delete(`${name}.${topic}`);
          else warnings.set(`${name}.${topic}`, detail);
        },
      };
    },
    liveness: (check) => void checks.push(check),
    readiness() {
      const detail = Object.fromEntries([...states].map(([name, state]) => [name, state.detail]));
      const notes = Object.fromEntries([...warnings].map(([name, text]) => [`warning: ${name}`, text]));
      if (stopping) return { ok: false, detail: { ...detail, ...notes, process: 'stopping' } };
      return { ok: [...states.values()].every((state) => state.ok), detail: { ...detail, ...notes } };
    },
    alive() {
      const wrong = checks.map((check) => check()).filter((sentence) => sentence !== null);
      return wrong.length === 0
        ? { ok: true, detail: {} }
        : {
            ok: false,
            detail: Object.fromEntries(wrong.map((sentence, index) => [String(index), sentence])),
          };
    },
    stopping() {
      stopping = true;
    },
  };
}
