import { durationText } from '../durations.ts';
import { readAdmin } from '../ingress-admin.ts';
import { type Finding, fail, ok, skip, warn } from './check.ts';

const SKEW = /^switchyard_chatwoot_clock_skew_seconds\{[^}]*\} (-?[\d.]+(?:e[+-]?\d+)?)$/gm;

/**
 * How far Chatwoot's clock is before that of an ingress, in milliseconds, by the webhooks that came: Chatwoot's own
 * answers have no Date (contract [R] 9). null where none of these apps knows; the worst where several do.
 */
export async function skewKnown(admin: readonly string[], signal: AbortSignal): Promise<number | null> {
  const pages = await Promise.all(
    // An app that does not answer is a finding of its own.
    admin.map((address) =>
      readAdmin(address, 'metrics', signal).then(
        ({ text }) => text,
        () => '',
      ),
    ),
  );
  const all = pages.flatMap(skewsIn);
  return all.toSorted((a, b) => Math.abs(b) - Math.abs(a))[0] ?? null;
}

/** In milliseconds, one for each source that had a signed delivery. Pure. */
export function skewsIn(metrics: string): number[] {
  return [...metrics.matchAll(SKEW)].map(([, seconds]) => Number(seconds) * 1000);
}

/** How far two clocks are apart; a delivery more than 300 s off is refused (contract §1.1). Pure. */
export function judgeClock(aheadMs: number | null, whose: string): Finding {
  if (aheadMs === null)
    return skip(
      'clock',
      "Chatwoot's answers have no Date, so only webhooks tell its clock: give --admin with the ingress's admin address, once a delivery has come",
    );
  const apart = Math.abs(aheadMs);
  const text = `Chatwoot's clock is ${durationText(apart)} ${aheadMs > 0 ? 'ahead of' : 'behind'} ${whose}`;
  const fix = 'Let both machines keep time by NTP (timedatectl set-ntp true).';
  if (apart > 300_000) return fail('clock', `${text}: every delivery is refused, 300 s is the limit`, fix);
  if (apart > 30_000) return warn('clock', `${text}; from 300 s on every delivery is refused`, fix);
  return ok('clock', apart < 2_000 ? `Chatwoot's and ${whose} agree` : text);
}
