import { z } from 'zod';
import { botSchema } from './schema-bot.ts';
import { crmSchema } from './schema-crm.ts';
import { ingressSchema } from './schema-ingress.ts';
import { queuesSchema } from './schema-queues.ts';
import { routingSchema } from './schema-routing.ts';
import { sourcesSchema } from './schema-sources.ts';
import { storiesSchema } from './schema-stories.ts';
import { workersSchema } from './schema-workers.ts';

/** A signature is taken for five minutes before and after its time (contract §1.1), and what is seen must be known for longer. */
const LEAST_DEDUPE_HOURS = 0.25;

export const fileSchema = z.strictObject({
  chatwoot: z
    .strictObject({
      accounts: z
        .array(z.int().positive())
        .min(1)
        .optional()
        .describe(
          'Accounts whose teams and agents are checked at start; all that the token can see by default. Names those of ' +
            'a source that serves several.',
        ),
      timeoutMs: z.int().min(100).max(120_000).default(10_000).describe('Limit of one API call.'),
    })
    .prefault({})
    .describe("How Chatwoot's API is used."),
  sources: sourcesSchema.optional().describe('Where deliveries come from, by name.'),
  ingress: ingressSchema.prefault({}).describe("The ingress's public HTTP side."),
  dedupe: z
    .strictObject({
      hours: z
        .number()
        .min(LEAST_DEDUPE_HOURS, 'at least a quarter of an hour: a captured request is good for ten minutes')
        .max(24 * 90)
        .default(72)
        .describe('How long a delivery is remembered.'),
    })
    .prefault({})
    .describe('How repeated deliveries are told.'),
  crm: crmSchema.optional().describe('How conversations and contacts become leads.'),
  bot: botSchema.optional().describe('What the bot answers.'),
  routing: routingSchema.optional().describe('Who gets a new conversation.'),
  queues: queuesSchema
    .default({})
    .describe("How patiently each of Switchyard's own queues is worked on, by name."),
  stories: storiesSchema.prefault({}).describe('What is kept of each conversation, for operators.'),
  workers: workersSchema
    .default({})
    .describe('Workers of your own, by the name of their queue (docs/custom-workers.md).'),
});

/** What a user writes: everything optional that has a default. */
export type SwitchyardConfig = z.input<typeof fileSchema>;

/** What the apps read: defaults filled in. */
export type FileConfig = z.output<typeof fileSchema>;

/** Gives the config file its types; returns what it is given. */
export function defineConfig(config: SwitchyardConfig): SwitchyardConfig {
  return config;
}
