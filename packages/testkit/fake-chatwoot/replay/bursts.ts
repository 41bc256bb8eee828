import type { RecordedCall, Recording, SeenWebhook } from './recording.ts';

/** Calls that came close together, with the webhooks that came of them until it was quiet again. */
export interface Burst {
  readonly calls: readonly { readonly nth: number; readonly call: RecordedCall }[];
  readonly webhooks: readonly SeenWebhook[];
}

/** A pause this long separates what came of one call from what came of the next; milliseconds. */
const pauseMs = 350;

/**
 * A call is written down when it is answered, and its webhooks come from then on or a little before, so that only
 * a pause tells for sure what came of what. Webhooks after a pause belong to the calls before it.
 */
export function burstsOf({ calls, webhooks }: Recording): readonly Burst[] {
  const happenings = [
    ...calls.map((call, nth) => ({ at: call.at, call, nth, webhook: null })),
    ...webhooks.map((webhook) => ({ at: webhook.at, call: null, nth: -1, webhook })),
  ].toSorted((one, other) => one.at - other.at);
  const groups: (typeof happenings)[] = [];
  let last = Number.NEGATIVE_INFINITY;
  for (const each of happenings) {
    const group = groups.at(-1);
    if (group === undefined || each.at - last > pauseMs) groups.push([each]);
    else group.push(each);
    last = each.at;
  }
  const bursts: { calls: { nth: number; call: RecordedCall }[]; webhooks: SeenWebhook[] }[] = [];
  for (const group of groups) {
    const called = group.flatMap(({ call, nth }) => (call === null ? [] : [{ nth, call }]));
    const told = group.flatMap(({ webhook }) => (webhook === null ? [] : [webhook]));
    const before = bursts.at(-1);
    if (called.length === 0 && before !== undefined) before.webhooks.push(...told);
    else bursts.push({ calls: called, webhooks: told });
  }
  return bursts;
}
