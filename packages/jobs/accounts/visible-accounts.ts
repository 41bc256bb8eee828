import type { ChatwootClient } from '@switchyard/chatwoot';

const CACHED_MS = 60_000;

/** The ids of the accounts that the user's token sees, asked at most once a minute. @throws {CallFailure} */
export type VisibleAccounts = (signal?: AbortSignal) => Promise<readonly number[]>;

export function createVisibleAccounts(
  client: Pick<ChatwootClient, 'profile'>,
  now: () => number = Date.now,
): VisibleAccounts {
  let known: { readonly at: number; readonly ids: readonly number[] } | null = null;
  return async (signal) => {
    if (known !== null && now() - known.at < CACHED_MS) return known.ids;
    const { accounts } = await client.profile({ signal });
    known = { at: now(), ids: accounts.map(({ id }) => id) };
    return known.ids;
  };
}
