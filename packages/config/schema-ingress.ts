import { z } from 'zod';

const MEBIBYTE = 1024 * 1024;

/** An address, a network in CIDR form, or one of the names that Fastify knows. */
export const proxyNetwork = z.union(
  [z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6(), z.enum(['loopback', 'linklocal', 'uniquelocal'])],
  { error: 'an address, a network such as 10.0.0.0/8, or loopback, linklocal, uniquelocal' },
);

/** The public HTTP side of the ingress. */
export const ingressSchema = z.strictObject({
  trustProxy: z
    .union([z.boolean(), z.array(proxyNetwork).min(1)], {
      error: 'true, false, or a list of the addresses and networks of your proxies',
    })
    .optional()
    .describe(
      "Whose X-Forwarded-For is believed: nobody's, everyone's, or these proxies'. Matters to sources with networks, and " +
        'to the share of an address: without it, all that comes through a proxy has one. Falls back to TRUST_PROXY.',
    ),
  bodyBytes: z
    .int()
    .min(64 * 1024)
    .max(64 * MEBIBYTE)
    .default(5 * MEBIBYTE)
    .describe('The largest body taken; e-mail messages carry their HTML twice.'),
  unverifiedBytes: z
    .int()
    .min(MEBIBYTE)
    .max(1024 * MEBIBYTE)
    .default(32 * MEBIBYTE)
    .describe(
      'Memory for bodies that have not wholly arrived, all together; when it is full, the slowest and oldest go first. ' +
        'Never less than twice `bodyBytes`.',
    ),
  requestMs: z
    .int()
    .min(100)
    .max(60_000)
    .default(10_000)
    .describe('How long a whole request may take to arrive.'),
  headersMs: z.int().min(100).max(60_000).default(5_000).describe('How long its headers may take.'),
  connections: z
    .int()
    .min(1)
    .max(100_000)
    .default(10_000)
    .describe('Connections held at once; when all are taken, the longest idle goes first.'),
  connectionsPerAddress: z
    .int()
    .min(1)
    .max(100_000)
    .default(1_000)
    .describe(
      'How many of them one address may hold (of IPv6, one /64); behind a trusted proxy, how many requests under way.',
    ),
  lagMs: z
    .int()
    .min(10)
    .max(60_000)
    .default(1_500)
    .describe('Event-loop lag from which requests are answered 429, with Retry-After, until it is over.'),
});

export interface IngressSettings extends Omit<z.output<typeof ingressSchema>, 'trustProxy'> {
  readonly trustProxy: boolean | string[];
}
