import { UNSIGNED_SOURCE } from '@switchyard/config';

/** An address of an ingress, taken apart: what leads to it, the source, and a token where the source has one. */
export interface SourceAddress {
  /** Everything before the ingress's own path: `https://sw.example.com`, with a proxy's prefix. */
  readonly base: string;
  readonly source: string;
  readonly token: string | null;
}

const PATH = '/webhooks/chatwoot';
const SUFFIX = `-${UNSIGNED_SOURCE}`;
const ADDRESS =
  /^(https?:\/\/[^?#]*?)\/webhooks\/chatwoot(?:\/([a-z0-9][a-z0-9-]{0,39}))?(?:\/([\w.~-]+))?\/*$/;

/** null for an address with another path: a proxy's own, of which nobody knows how it leads to another source. */
export function readAddress(url: string): SourceAddress | null {
  const [, base, source = 'default', token = null] = ADDRESS.exec(url) ?? [];
  return base === undefined ? null : { base, source, token };
}

export function writeAddress({ base, source, token }: SourceAddress): string {
  const name = source === 'default' && token === null ? '' : `/${source}`;
  return `${base}${PATH}${name}${token === null ? '' : `/${token}`}`;
}

/** The source whose account and secrets count: `unsigned` belongs to `default`, `shop-unsigned` to `shop`. */
export function familyOf(source: string): string {
  if (source === UNSIGNED_SOURCE) return 'default';
  return source.endsWith(SUFFIX) ? source.slice(0, -SUFFIX.length) : source;
}

/** The source that takes the same deliveries where they are not signed. */
export function unsignedNameOf(family: string): string {
  return family === 'default' ? UNSIGNED_SOURCE : `${family}${SUFFIX}`;
}

/** Whether both lead to the same source, signed or not. */
export function sameSource(url: string, other: string): boolean {
  const [a, b] = [readAddress(url), readAddress(other)];
  return a !== null && b !== null && a.base === b.base && familyOf(a.source) === familyOf(b.source);
}

/** For people's eyes: the token in an address is a secret. */
export function shownAddress(url: string): string {
  const address = readAddress(url);
  return address === null || address.token === null ? url : writeAddress({ ...address, token: '<token>' });
}
