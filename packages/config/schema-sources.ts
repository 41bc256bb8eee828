import { z } from 'zod';
import { webhookSecretFault } from './webhook-secret.ts';

const MINIMUM_PATH_TOKEN_LENGTH = 32;
/** What the ingress's router takes as one part of a path. */
const MAXIMUM_PATH_TOKEN_LENGTH = 100;

const secret = z
  .string()
  .trim()
  .superRefine((value, context) => {
    const fault = webhookSecretFault(value);
    if (fault !== null) context.addIssue({ code: 'custom', message: fault });
  });

const secrets = z
  .union([secret.transform((one) => [one]), z.array(secret).min(1, 'give at least one secret')], {
    error: 'a secret, or a list of them',
  })
  .describe('HMAC secrets; more than one while a secret is being rotated.');

const cidr = z.union([z.cidrv4(), z.cidrv6()], {
  error: 'a network in CIDR form, such as 10.0.0.0/8 or fd00::/8',
});

const positiveId = z.int().positive();

/** What guards a source that can't sign. */
export const pathTokenSchema = z
  .string()
  .trim()
  .regex(/^[\w.~-]+$/, 'letters, digits, and - . _ ~ only, as it stands in the URL')
  .min(
    MINIMUM_PATH_TOKEN_LENGTH,
    `at least ${MINIMUM_PATH_TOKEN_LENGTH} characters: it is all that guards the source`,
  )
  .max(
    MAXIMUM_PATH_TOKEN_LENGTH,
    `at most ${MAXIMUM_PATH_TOKEN_LENGTH} characters: a longer part of a path is not found`,
  );

const common = {
  kind: z
    .enum(['account', 'api-inbox', 'agent-bot'])
    .default('account')
    .describe('What sends to this source: an account webhook, an API-channel inbox, or an agent bot.'),
  account: positiveId
    .optional()
    .describe(
      'The Chatwoot account of this source: of events that name none, and events of another one are ignored. ' +
        'For `default`, `CHATWOOT_ACCOUNT` is the same. Without it, the only account that `CHATWOOT_API_TOKEN` sees.',
    ),
  inboxes: z
    .array(positiveId)
    .min(1)
    .optional()
    .describe(
      'Take deliveries of these inboxes only; events that name no inbox, such as those of contacts, are not taken.',
    ),
};

const signed = z.strictObject({ ...common, secrets });

const unsigned = z.strictObject({
  ...common,
  unsigned: z
    .strictObject({
      token: pathTokenSchema.describe(
        'Stands as the last part of the path: /webhooks/chatwoot/<source>/<token>.',
      ),
      networks: z.array(cidr).min(1).optional().describe('Take requests from these networks only.'),
    })
    .describe('For a sender that cannot sign.'),
});

/** A source that signs, or one that can't and says so; never both, and nothing falls back to unsigned. */
const source = z.union([signed, unsigned]);

const sourceName = z.string().regex(/^[a-z0-9][a-z0-9-]{0,39}$/, {
  error: 'a source name has lower-case letters, digits and dashes, at most 40',
});

export const sourcesSchema = z.record(sourceName, source);

export type SourceConfig = z.output<typeof source>;
