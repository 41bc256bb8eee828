import type { CliConfig } from '@switchyard/config';
import { readAddress } from '../address/source-address.ts';
import { type Finding, fail, warn } from './check.ts';

export interface GuardedHook {
  readonly url: string;
  readonly secret: string | null;
}

/** The release that signs it (contract, feature → first release). */
const SIGNED_SINCE = { account: '4.11.2', bot: '4.13.0' } as const;

/** Whether the ingress takes what is posted there: by the secret that signs it, or the token in its address. Pure. */
export function judgeGuard(
  name: string,
  { url, secret }: GuardedHook,
  sources: CliConfig['sources'],
  whose: keyof typeof SIGNED_SINCE,
): Finding[] {
  const known = Object.values(sources);
  // This machine may have no part in the ingress's environment.
  if (known.length === 0) return [];
  const address = readAddress(url);
  if (address?.token != null) {
    const source = sources[address.source];
    const isKnown = source !== undefined && 'unsigned' in source && source.unsigned.token === address.token;
    if (!isKnown) {
      return [
        fail(
          name,
          'the token in its address is not configured here: the ingress refuses its deliveries',
          'switchyard connect tells it again and where to put it; then start the ingress anew, which reads it (Compose: deploy/roll.sh).',
        ),
      ];
    }
    if (secret === null) {
      return [
        warn(
          name,
          `is not signed, since this Chatwoot is older than ${SIGNED_SINCE[whose]}: the token in its address guards it`,
          'Upgrade Chatwoot when you can, then run switchyard connect again.',
        ),
      ];
    }
    return [
      warn(
        name,
        'this Chatwoot signs it, but its address leads to a source that does not look at signatures',
        'Run switchyard connect again: it moves it to the signed address.',
      ),
    ];
  }
  if (secret === null) {
    return [
      fail(
        name,
        `is not signed: this Chatwoot is older than ${SIGNED_SINCE[whose]}, so the ingress refuses it`,
        'Run switchyard connect again: it gives it an address with a token (docs/chatwoot-versions.md).',
      ),
    ];
  }
  const secrets = known.flatMap((source) => ('secrets' in source ? source.secrets : []));
  if (secrets.includes(secret)) return [];
  return [
    fail(
      name,
      'signs with a secret that is not configured here: the ingress refuses its deliveries',
      'switchyard connect tells it again and where to put it; then start the ingress anew, which reads it (Compose: deploy/roll.sh).',
    ),
  ];
}
