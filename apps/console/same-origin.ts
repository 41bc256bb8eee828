import { isIP } from 'node:net';

/** What of a request tells where it comes from. */
export interface Provenance {
  readonly method: string;
  readonly host: string | undefined;
  readonly origin: string | undefined;
  /** `Sec-Fetch-Site` */
  readonly site: string | undefined;
}

/**
 * Why a request is not answered; null when it may be. A page of another origin can make a browser send requests here
 * (and, with a name of its own that resolves to our address, read the answers: DNS rebinding), so
 *
 * - the host must be an address, `localhost`, a name without a dot, which nobody can own, or one of `allowedHosts`;
 * - what changes something must say that it comes from this very host.
 */
export function refusal(from: Provenance, allowedHosts: readonly string[]): string | null {
  const name = hostName(from.host);
  if (name === null || !isOurs(name, allowedHosts)) {
    return 'The console is not known by this name. Name it in CONSOLE_ALLOWED_HOSTS to reach it here.';
  }
  if (from.method === 'GET' || from.method === 'HEAD') return null;
  const { origin, site } = from;
  if (site !== undefined && site !== 'same-origin') return FOREIGN;
  if (origin === undefined && site === undefined) return FOREIGN;
  if (origin !== undefined && URL.parse(origin)?.host !== URL.parse(`http://${from.host}`)?.host) {
    // The default port is left out of an origin: https://ops.example.com is ops.example.com:443 to nobody.
    return FOREIGN;
  }
  return null;
}

const FOREIGN = 'Only the console’s own pages may do this.';

function hostName(host: string | undefined): string | null {
  const parsed = host === undefined ? null : URL.parse(`http://${host}`);
  if (parsed === null || parsed.pathname !== '/' || parsed.username !== '' || parsed.search !== '')
    return null;
  return parsed.hostname.toLowerCase();
}

function isOurs(name: string, allowed: readonly string[]): boolean {
  const bare = name.replace(/^\[(.*)\]$/, '$1');
  return isIP(bare) !== 0 || !name.includes('.') || name.endsWith('.localhost') || allowed.includes(name);
}
