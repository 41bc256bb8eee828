import {
  CallFailure,
  type ChatwootClient,
  type ChatwootVersion,
  isAccountShut,
  type Profile,
} from '@switchyard/chatwoot';
import type { CliConfig } from '@switchyard/config';
import { sameSource, unsignedNameOf } from '../address/source-address.ts';
import { sameUrl } from '../address/webhook-url.ts';
import { envValue } from '../env-file.ts';
import { freshToken, tokenThere } from './hook.ts';
import { tokenVariable } from './variables.ts';

/** More accounts than that are not asked whose webhooks they have. */
const MOST_ACCOUNTS = 20;

/** null too when it does not answer: what is asked next will tell. */
export async function versionOf(
  client: Pick<ChatwootClient, 'serverVersion'>,
  signal: AbortSignal,
): Promise<ChatwootVersion | null> {
  try {
    return await client.serverVersion({ signal });
  } catch (error) {
    if (error instanceof CallFailure) return null;
    throw error;
  }
}

/** The account that the source names now: in the file that is to be written, else as configured. */
export function accountNamed(
  config: Pick<CliConfig, 'sources'>,
  family: string,
  written: string,
): number | null {
  const inFile = family === 'default' ? envValue(written, 'CHATWOOT_ACCOUNT') : null;
  const configured =
    config.sources[family]?.account ?? config.sources[unsignedNameOf(family)]?.account ?? null;
  return inFile !== null && /^\d{1,9}$/.test(inFile) ? Number(inFile) : configured;
}

/** Other accounts of the token's user whose webhooks lead to this source. */
export async function othersAt(
  client: { readonly webhooks: Pick<ChatwootClient['webhooks'], 'list'> },
  { accounts }: Profile,
  { account, url }: { readonly account: number; readonly url: string },
  signal: AbortSignal,
): Promise<readonly number[]> {
  const mayAsk = accounts.filter(
    ({ id, role }) => id !== account && (role === null || role === 'administrator'),
  );
  const found = await Promise.all(
    mayAsk.slice(0, MOST_ACCOUNTS).map(async ({ id }) => {
      const webhooks = await client.webhooks.list(id, { signal }).catch((error: unknown) => {
        // Suspended, without API in its plan, or left meanwhile: nothing comes from there.
        if (isAccountShut(error) || (error instanceof CallFailure && error.failure === 'permanent'))
          return [];
        throw error;
      });
      return webhooks.some((one) => sameUrl(one.url, url) || sameSource(one.url, url)) ? [id] : [];
    }),
  );
  return found.flat();
}

/** The token that is configured, or that an earlier run made, else a fresh one. */
export function unsignedToken(
  config: Pick<CliConfig, 'sources'>,
  family: string,
  written: string,
  there: { readonly urls: readonly string[]; readonly wanted: string },
): string {
  const source = config.sources[unsignedNameOf(family)];
  const configured = source !== undefined && 'unsigned' in source ? source.unsigned.token : null;
  return (
    envValue(written, tokenVariable(family)) ??
    configured ??
    tokenThere(there.urls, there.wanted) ??
    freshToken()
  );
}
