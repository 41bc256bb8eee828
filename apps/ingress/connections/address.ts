import { BlockList, isIP, isIPv6 } from 'node:net';

/** The names that Fastify knows (https://fastify.dev/docs/latest/Reference/Server/#trustproxy). */
const NAMED: Readonly<Record<string, readonly string[]>> = {
  loopback: ['127.0.0.1/8', '::1/128'],
  linklocal: ['169.254.0.0/16', 'fe80::/10'],
  uniquelocal: ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', 'fc00::/7'],
};

/** Whether the other end of a connection is one of our proxies, by `ingress.trustProxy`. */
export function trustedProxies(setting: boolean | readonly string[]): (address: string) => boolean {
  if (typeof setting === 'boolean') return () => setting;
  const networks = new BlockList();
  for (const network of setting.flatMap((one) => NAMED[one] ?? [one])) {
    const [address = '', bits] = network.split('/');
    if (bits === undefined) networks.addAddress(address, familyOf(address));
    else networks.addSubnet(address, Number(bits), familyOf(address));
  }
  return (address) => isIP(address) !== 0 && networks.check(plain(address), familyOf(plain(address)));
}

/**
 * Whose share a connection counts on: an IPv4 address, or the /64 of an IPv6 one, which is what one customer of a
 * provider has at least.
 */
export function shareOf(address: string): string {
  const known = plain(address);
  if (!isIPv6(known)) return known;
  const [head = '', tail] = known.split('%', 1)[0]?.split('::') ?? [];
  const left = head === '' ? [] : head.split(':');
  const right = tail === undefined || tail === '' ? [] : tail.split(':');
  const groups = [...left, ...Array<string>(Math.max(0, 8 - left.length - right.length)).fill('0'), ...right];
  return groups
    .slice(0, 4)
    .map((group) => group.replace(/^0+(?=.)/, '').toLowerCase())
    .join(':');
}

/** An IPv4 address as such, also where the socket shows it as an IPv6 one. */
function plain(address: string): string {
  return address.replace(/^::ffff:(?=\d+\.)/i, '');
}

function familyOf(address: string): 'ipv4' | 'ipv6' {
  return isIPv6(address) ? 'ipv6' : 'ipv4';
}
