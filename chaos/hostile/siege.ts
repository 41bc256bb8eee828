import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { AttackName } from './attacks.ts';
import type { Besieged } from './besieged.ts';
import { type Delivered, deliverDuring } from './signed-deliveries.ts';

const run = promisify(execFile);
const LOOK_MS = 200;

export interface Siege extends Delivered {
  readonly attack: AttackName;
  readonly size: number;
  readonly seconds: number;
  /** What the ingress took of a processor. */
  readonly cpuSeconds: number;
  /** Resident memory before, and at most, in megabytes. */
  readonly beforeMb: number;
  readonly peakMb: number;
}

/** One attack on one ingress, with signed deliveries meanwhile, and what both came to. */
export async function siege(
  ingress: Besieged,
  attack: AttackName,
  size: number,
  limitMs: number,
): Promise<Siege> {
  const cpuBefore = await ingress.cpuSeconds();
  const beforeMb = await ingress.memory();
  let peakMb = beforeMb;
  const looking = setInterval(() => {
    ingress.memory().then(
      (now) => {
        peakMb = Math.max(peakMb, now);
      },
      // Not able to say at the moment; whether it lives is seen by the deliveries.
      () => {},
    );
  }, LOOK_MS);
  const startedAt = performance.now();
  const attacker = run(process.execPath, [
    join(import.meta.dirname, 'attacker.ts'),
    attack,
    String(ingress.port),
    String(size),
    String(limitMs),
  ]);
  const delivered = await deliverDuring(ingress.port, attacker);
  clearInterval(looking);
  const seconds = Math.round((performance.now() - startedAt) / 1000);
  const cpuSeconds = Math.round((await ingress.cpuSeconds()) - cpuBefore);
  return {
    attack,
    size,
    seconds,
    cpuSeconds,
    beforeMb: Math.round(beforeMb),
    peakMb: Math.round(peakMb),
    ...delivered,
  };
}
