import { z } from 'zod';

const MEBIBYTE = 1024 * 1024;

/** The public HTTP side of the ingress. */
export const ingressSchema = z.strictObject({
  trustProxy: z
    .union([z.boolean(), z.array(z.string().min(1)).min(1)], {
      error: 'true, false, or a list of the addresses and networks of your proxies',
    })
    .default(false)
    .describe(
      "Whose X-Forwarded-For is believed: nobody's, everyone's, or these proxies'. Matters to sources with networks only.",
    ),
  bodyBytes: z
    .int()
    .min(64 * 1024)
    .max(64 * MEBIBYTE)
    .default(5 * MEBIBYTE)
    .describe('The largest body taken; e-mail messages carry their HTML twice.'),
  requestMs: z
    .int()
    .min(100)
    .max(60_000)
    .default(10_000)
    .describe('How long a whole request may take to arrive.'),
  headersMs: z.int().min(100).max(60_000).default(5_000).describe('How long its headers may take.'),
  connections: z.int().min(1).max(100_000).default(10_000).describe('Connections held at once.'),
  lagMs: z
    .int()
    .min(10)
    .max(60_000)
    .default(1_500)
    .describe('Event-loop lag from which requests are answered 429, with Retry-After, until it is over.'),
});

export type IngressSettings = z.output<typeof ingressSchema>;
