import { type SourceKind, type Verdict, verify } from '@switchyard/chatwoot';
import type { SourceConfig } from '@switchyard/config';

/** A place deliveries come from, as the ingress knows it. */
export interface Source {
  readonly name: string;
  readonly kind: SourceKind;
  readonly secrets: readonly string[];
  readonly account: number | null;
  readonly inboxes: ReadonlySet<number> | null;
}

export function sourcesFrom(config: Readonly<Record<string, SourceConfig>>): ReadonlyMap<string, Source> {
  return new Map(
    Object.entries(config).map(([name, source]) => [
      name,
      {
        name,
        kind: source.kind,
        secrets: 'secrets' in source ? source.secrets : [],
        account: source.account ?? null,
        inboxes: source.inboxes === undefined ? null : new Set(source.inboxes),
      },
    ]),
  );
}

export interface SignedRequest {
  readonly rawBody: Uint8Array;
  readonly signature: string | undefined;
  readonly timestamp: string | undefined;
  readonly now: number;
}

/** `unknown` only to a sender that holds one of our secrets: a stranger is not told which sources there are. */
export type Authenticated =
  | { readonly kind: 'known'; readonly source: Source; readonly secretIndex: number }
  | { readonly kind: 'unknown' }
  | { readonly kind: 'refused'; readonly reason: Exclude<Verdict, { ok: true }>['reason'] };

/** Who sent this, by its signature and the name in the path. Takes the same path for names that don't exist. */
export function authenticate(
  name: string,
  request: SignedRequest,
  sources: ReadonlyMap<string, Source>,
): Authenticated {
  const source = sources.get(name);
  const secrets = source?.secrets ?? [...sources.values()].flatMap((one) => one.secrets);
  const verdict = verify({ ...request, secrets });
  if (!verdict.ok) return { kind: 'refused', reason: verdict.reason };
  return source === undefined
    ? { kind: 'unknown' }
    : { kind: 'known', source, secretIndex: verdict.secretIndex };
}
