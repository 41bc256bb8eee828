import { type ChatwootVersion, hasFeature } from '@switchyard/chatwoot';
import { readAddress, shownAddress } from '../address/source-address.ts';
import { urlWarnings } from '../address/webhook-url.ts';
import type { accountPlace } from './account.ts';
import type { Hook } from './hook.ts';

export interface AdviceFacts {
  readonly hook: Pick<Hook, 'webhook' | 'waitsFor'>;
  readonly version: ChatwootVersion | null;
  readonly naming: ReturnType<typeof accountPlace>;
  readonly others: readonly number[];
  readonly account: number;
  /** `chatwoot.accounts` of the config file. */
  readonly chosen: readonly number[] | null;
}

/** What somebody should know of the way it was connected. Pure. */
export function connectAdvice({ hook, version, naming, others, account, chosen }: AdviceFacts): string[] {
  const { url, secret } = hook.webhook;
  const hasToken = readAddress(url)?.token != null;
  return [
    ...(version === null
      ? [
          'this Chatwoot does not tell its version at /api: it is taken for the newest one where nothing else shows',
        ]
      : []),
    ...(secret === null && hasToken
      ? [
          `Chatwoot ${version?.text ?? ''} does not sign its webhooks (it does from 4.11.2 on): they are taken unsigned, guarded by the token in the address. Keep it secret; run this again after an upgrade`.replace(
            '  ',
            ' ',
          ),
        ]
      : []),
    ...(secret === null && !hasToken
      ? [
          'Chatwoot gave no secret: it is older than 4.11.2 and does not sign its webhooks, so the ingress refuses them. How your proxy leads to a source with a token is not known here: give --url without a path, or upgrade Chatwoot (docs/chatwoot-versions.md)',
        ]
      : []),
    ...(secret !== null && hasToken && hook.waitsFor === null
      ? [
          'this Chatwoot signs its webhooks, but this address leads to a source that does not look at signatures: give --url without a path to use them',
        ]
      : []),
    ...(naming === 'shared'
      ? [
          `account ${others.join(', ')} comes to this source too, so it names no account: Chatwoot names it in every event from 4.14.2 on${toChoose([...others, account], chosen)}`,
        ]
      : []),
    ...(hasFeature(version, 'namesAccount') === false && naming !== 'shared'
      ? [
          `Chatwoot ${version?.text} does not name the account in every event (it does from 4.14.2 on), so the source has to: keep CHATWOOT_ACCOUNT, or account in the config file`,
        ]
      : []),
    ...urlWarnings(url, version),
  ];
}

/** Without it doctor can't know that several are meant. */
function toChoose(accounts: readonly number[], chosen: readonly number[] | null): string {
  if (chosen !== null && accounts.every((id) => chosen.includes(id))) return '';
  const all = [...new Set([...(chosen ?? []), ...accounts])].sort((a, b) => a - b);
  return `. Name them in the config file: chatwoot: { accounts: [${all.join(', ')}] }`;
}

export function othersAdvice(others: readonly { readonly id: number; readonly url: string }[]): string[] {
  return others.map(
    ({ id, url }) =>
      `webhook ${id} of this account (${shownAddress(url)}) looks like Switchyard's too: every event comes from both. Delete it in Chatwoot, or move it here with --replace ${id}`,
  );
}
