import { BlockList, isIP, isIPv6 } from 'node:net';
import { type ChatwootVersion, hasFeature, leadsToIngress } from '@switchyard/chatwoot';
import { CommandFailure } from '../command-failure.ts';
import { EXIT } from '../exit.ts';
import { readAddress } from './source-address.ts';

const PATH = '/webhooks/chatwoot';

/**
 * Where Chatwoot is to post: an address without a path gets the ingress's own, with the source where it is not
 * `default`. One with a path is taken as it is: a proxy may have its own.
 *
 * @throws {CommandFailure} it is no http(s) address, or has a user, a query or a fragment.
 */
export function webhookUrl(given: string, source: string): string {
  const url = URL.canParse(given) ? new URL(given) : null;
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw new CommandFailure(
      EXIT.usage,
      'URL_INVALID',
      '--url: expected an address such as https://switchyard.example.com',
    );
  }
  if (url.username !== '' || url.search !== '' || url.hash !== '') {
    throw new CommandFailure(
      EXIT.usage,
      'URL_INVALID',
      '--url: give it without user, query (?…) and fragment (#…)',
    );
  }
  const path = url.pathname.replace(/\/+$/, '');
  if (path !== '') return url.origin + path;
  return `${url.origin}${PATH}${source === 'default' ? '' : `/${source}`}`;
}

/** Whether it leads to an ingress at `url`, to any of its sources; to any that looks like one when that is null. */
export function leadsHere(at: string, url: string | null): boolean {
  if (url === null) return leadsToIngress(at);
  const [one, other] = [readAddress(at), readAddress(url)];
  return sameUrl(at, url) || (one !== null && other !== null && one.base === other.base);
}

export function sameUrl(a: string, b: string): boolean {
  return a.replace(/\/+$/, '') === b.replace(/\/+$/, '');
}

/** What may keep this Chatwoot from reaching an address (contract §1.5), for whoever sets it up. */
export function urlWarnings(text: string, version: ChatwootVersion | null): string[] {
  const { protocol, hostname, pathname } = new URL(text);
  return [
    ...(isPrivate(hostname) ? privateWarnings(hostname, version) : []),
    ...(protocol === 'http:' && !isPrivate(hostname)
      ? [
          'the address is http://, so deliveries with personal data cross the network unencrypted; use https://',
        ]
      : []),
    ...(pathname.includes(PATH)
      ? []
      : [`Switchyard takes deliveries at ${PATH}; your proxy has to lead ${pathname} there`]),
  ];
}

function privateWarnings(hostname: string, version: ChatwootVersion | null): string[] {
  if (hasFeature(version, 'refusesPrivateAddresses') === false) return [];
  if (hasFeature(version, 'allowsPrivateNetwork') === false) {
    return [
      `${hostname} is a private address, and Chatwoot 4.14.0 drops webhooks to those without a word: upgrade it to 4.14.1 or later, and run it with SAFE_FETCH_ALLOW_PRIVATE_NETWORK=true`,
    ];
  }
  const which = version === null ? 'from 4.14.0 on, Chatwoot' : `Chatwoot ${version.text}`;
  return [
    `${hostname} is a private address: ${which} drops webhooks to those without a word, unless it runs with SAFE_FETCH_ALLOW_PRIVATE_NETWORK=true${version === null ? ' (4.14.1 and later)' : ''}`,
  ];
}

const PRIVATE = new BlockList();
for (const [network, bits] of [
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
] as const)
  PRIVATE.addSubnet(network, bits, 'ipv4');
for (const [network, bits] of [
  ['::1', 128],
  ['fc00::', 7],
  ['fe80::', 10],
] as const)
  PRIVATE.addSubnet(network, bits, 'ipv6');

function isPrivate(hostname: string): boolean {
  const host = hostname.replace(/^\[|\]$/g, '');
  if (isIP(host) !== 0) return PRIVATE.check(host, isIPv6(host) ? 'ipv6' : 'ipv4');
  return !host.includes('.') || /\.(?:localhost|local|internal|lan|home\.arpa)$/.test(host);
}
