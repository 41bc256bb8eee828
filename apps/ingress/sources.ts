import { createHash, timingSafeEqual } from 'node:crypto';
import { BlockList, isIPv6 } from 'node:net';
import { type SignatureFault, type SourceKind, signatureFaultInHeaders, verify } from '@switchyard/chatwoot';
import type { SourceConfig } from '@switchyard/config';

/** A place deliveries come from, as the ingress knows it. */
export interface Source {
  readonly name: string;
  readonly kind: SourceKind;
  readonly account: number | null;
  readonly inboxes: ReadonlySet<number> | null;
  readonly guard: Signed | Unsigned;
}

interface Signed {
  readonly secrets: readonly string[];
}

/** For senders that can't sign; nothing falls back to it. */
interface Unsigned {
  readonly tokenDigest: Buffer;
  readonly networks: BlockList | null;
}

export type Sources = ReadonlyMap<string, Source>;

export function sourcesFrom(config: Readonly<Record<string, SourceConfig>>): Sources {
  return new Map(
    Object.entries(config).map(([name, source]) => [
      name,
      {
        name,
        kind: source.kind,
        account: source.account ?? null,
        inboxes: source.inboxes === undefined ? null : new Set(source.inboxes),
        guard:
          'unsigned' in source
            ? { tokenDigest: digest(source.unsigned.token), networks: networksFrom(source.unsigned.networks) }
            : { secrets: source.secrets },
      },
    ]),
  );
}

/** What a request shows of its sender. */
export interface Credentials {
  readonly sourceName: string;
  readonly rawBody: Uint8Array;
  readonly signature: string | undefined;
  readonly timestamp: string | undefined;
  /** The last part of the path, for unsigned sources. */
  readonly token: string | undefined;
  readonly address: string;
}

export type Refusal = SignatureFault | 'bad-token' | 'bad-network';

/** `unknown` only to a sender that holds one of our secrets: a stranger is not told which sources there are. */
export type Authenticated =
  | { readonly kind: 'known'; readonly source: Source; readonly secretIndex: number | null }
  | { readonly kind: 'unknown' }
  | { readonly kind: 'refused'; readonly reason: Refusal };

/** Who sent this. Does the same work for names that don't exist as for those that do. `now`: epoch milliseconds. */
export function authenticate(shown: Credentials, sources: Sources, now: number): Authenticated {
  const source = sources.get(shown.sourceName);
  if (shown.token !== undefined) return byToken(shown, shown.token, source);
  const secrets = source === undefined ? [...sources.values()].flatMap(secretsOf) : secretsOf(source);
  const verdict = verify({ ...shown, secrets, now });
  if (!verdict.ok) return { kind: 'refused', reason: verdict.reason };
  if (source === undefined) return { kind: 'unknown' };
  return { kind: 'known', source, secretIndex: verdict.secretIndex };
}

/**
 * Why the headers and the path alone are reason enough to refuse it, so that its body need not be read; null where
 * they are none.
 */
export function refusalBeforeBody(
  shown: Omit<Credentials, 'rawBody'>,
  sources: Sources,
  now: number,
): Refusal | null {
  if (shown.token === undefined) return signatureFaultInHeaders({ ...shown, now });
  const verdict = byToken(shown, shown.token, sources.get(shown.sourceName));
  return verdict.kind === 'refused' ? verdict.reason : null;
}

function byToken(
  shown: Omit<Credentials, 'rawBody'>,
  token: string,
  source: Source | undefined,
): Authenticated {
  const guard = source?.guard;
  const expected = guard !== undefined && 'tokenDigest' in guard ? guard : null;
  // Digests have one length, so that the comparison takes one time; a digest of nothing fits no token.
  const fits = timingSafeEqual(digest(token), expected?.tokenDigest ?? Buffer.alloc(32));
  if (!fits || source === undefined || expected === null) return { kind: 'refused', reason: 'bad-token' };
  if (expected.networks !== null && !isWithin(shown.address, expected.networks)) {
    return { kind: 'refused', reason: 'bad-network' };
  }
  return { kind: 'known', source, secretIndex: null };
}

function secretsOf({ guard }: Source): readonly string[] {
  return 'secrets' in guard ? guard.secrets : [];
}

function digest(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}

function networksFrom(cidrs: readonly string[] | undefined): BlockList | null {
  if (cidrs === undefined) return null;
  const networks = new BlockList();
  for (const cidr of cidrs) {
    const [network = '', bits = ''] = cidr.split('/');
    networks.addSubnet(network, Number(bits), family(network));
  }
  return networks;
}

function isWithin(address: string, networks: BlockList): boolean {
  return networks.check(address, family(address));
}

function family(address: string): 'ipv4' | 'ipv6' {
  return isIPv6(address) ? 'ipv6' : 'ipv4';
}
