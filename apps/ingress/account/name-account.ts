import type { ChatwootEvent } from '@switchyard/chatwoot';
import type { Source } from '../sources.ts';

/** How an event that named no account got one here; `left-to-worker` when it did not. */
export type NamedBy = 'source' | 'token' | 'left-to-worker';

export interface Named {
  readonly event: ChatwootEvent;
  /** null when the event named its account itself. */
  readonly by: NamedBy | null;
}

/**
 * The event with the account it is of. Chatwoot before 4.14.2 leaves it out of some (contract [R] 1): only the
 * receiver knows whose webhook it is. So lanes, shards and semantic keys, which come next, are right from the start.
 *
 * `sole`: the only account that the token sees, as far as that is known now; nothing is waited for here.
 */
export function nameAccount(event: ChatwootEvent, source: Source, sole: number | null): Named {
  if (event.account !== null) return { event, by: null };
  if (source.account !== null) return { event: { ...event, account: source.account }, by: 'source' };
  if (sole !== null) return { event: { ...event, account: sole }, by: 'token' };
  return { event, by: 'left-to-worker' };
}
