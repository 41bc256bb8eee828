/** Where Redis is, and how to speak to it. */
export type RedisAddress =
  | { readonly kind: 'single'; readonly url: string }
  | (Access & {
      readonly kind: 'sentinel';
      readonly sentinels: readonly RedisNode[];
      /** The name under which the sentinels know the primary. */
      readonly name: string;
      readonly db: number;
      readonly sentinelPassword: string | null;
    })
  | (Access & { readonly kind: 'cluster'; readonly nodes: readonly RedisNode[] });

export interface RedisNode {
  readonly host: string;
  readonly port: number;
}

interface Access {
  readonly username: string | null;
  readonly password: string | null;
  readonly tls: boolean;
}

/** What is wrong with an address. Never says any of it: it may hold a password. */
class RedisUrlError extends Error {
  override readonly name = 'RedisUrlError';
  readonly code = 'REDIS_URL_INVALID';
}

const EXPECTED =
  'expected a URL such as redis://host:6379, or rediss://host:6379 for TLS; ' +
  'Sentinel: redis+sentinel://host:26379,host:26379/name; Cluster: redis+cluster://host:6379,host:6379';

const SEVERAL = /^(rediss?)\+(sentinel|cluster):\/\/(?:([^@/?#]*)@)?([^@/?#]+)(?:\/([^?#]*))?(?:\?([^#]*))?$/;
const NODE = /^(\[[0-9a-f:.]+\]|[^\s:[\]]+)(?::(\d{1,5}))?$/i;

/**
 * Reads an address of Redis:
 *
 * - `redis://[[user]:password@]host[:6379][/db]`
 * - `redis+sentinel://[[user]:password@]host[:26379],host,…/name[/db][?sentinelPassword=…]`; user and password are
 *   those of Redis itself
 * - `redis+cluster://[[user]:password@]host[:6379],host,…`; some of its nodes, the others are learned from them
 *
 * and the same with `rediss` for TLS. Reserved characters in a password are percent-encoded.
 *
 * @throws {RedisUrlError}
 */
export function parseRedisUrl(text: string): RedisAddress {
  if (/^rediss?:/i.test(text)) return single(text);
  const [, scheme, kind, userinfo, hosts = '', path = '', query = ''] = SEVERAL.exec(text) ?? [];
  if (scheme === undefined) throw new RedisUrlError(EXPECTED);
  const access = { ...credentials(userinfo), tls: scheme === 'rediss' };
  const parameters = new URLSearchParams(query);
  const unknown = [...parameters.keys()].filter((key) => kind === 'cluster' || key !== 'sentinelPassword');
  if (unknown.length > 0) throw new RedisUrlError('has a parameter that means nothing here');
  if (kind === 'cluster') {
    if (path !== '') throw new RedisUrlError('a cluster has no databases: nothing may follow its nodes');
    return { kind, nodes: nodesOf(hosts, 6379), ...access };
  }
  const [name = '', db = '0', ...more] = path.split('/');
  if (name === '') throw new RedisUrlError('Sentinel: the name of the primary must follow the sentinels');
  if (!/^\d{1,6}$/.test(db) || more.length > 0)
    throw new RedisUrlError('Sentinel: what follows the name must be the number of a database');
  return {
    kind: 'sentinel',
    sentinels: nodesOf(hosts, 26379),
    name: decoded(name),
    db: Number(db),
    sentinelPassword: parameters.get('sentinelPassword') ?? null,
    ...access,
  };
}

function single(text: string): RedisAddress {
  const url = URL.parse(text);
  if (url === null || url.hostname === '') throw new RedisUrlError(EXPECTED);
  if (url.hostname.includes(','))
    throw new RedisUrlError('several hosts: say redis+sentinel:// or redis+cluster://');
  return { kind: 'single', url: text };
}

function nodesOf(hosts: string, standardPort: number): RedisNode[] {
  return hosts.split(',').map((part) => {
    const [, host, digits] = NODE.exec(part.trim()) ?? [];
    const port = digits === undefined ? standardPort : Number(digits);
    if (host === undefined || port < 1 || port > 65_535)
      throw new RedisUrlError('expected hosts such as host:6379,host:6379, with ports from 1 to 65535');
    return { host: host.replace(/^\[|\]$/g, ''), port };
  });
}

function credentials(userinfo: string | undefined): Pick<Access, 'username' | 'password'> {
  if (userinfo === undefined) return { username: null, password: null };
  const colon = userinfo.indexOf(':');
  const [username, password] =
    colon === -1 ? [userinfo, ''] : [userinfo.slice(0, colon), userinfo.slice(colon + 1)];
  return { username: decoded(username) || null, password: decoded(password) || null };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new RedisUrlError('has a % that is no percent-encoding; in a password, write % as %25');
  }
}
