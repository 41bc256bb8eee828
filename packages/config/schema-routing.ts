import { z } from 'zod';

/** What a routing rule sees. What is not known is null; `customer` is the row of the customers query. */
export interface RoutingFacts {
  readonly customer: Readonly<Record<string, unknown>> | null;
  readonly contact: {
    readonly name: string | null;
    readonly email: string | null;
    readonly phone: string | null;
    readonly country: string | null;
    readonly custom: Readonly<Record<string, unknown>>;
  };
  readonly conversation: {
    readonly channel: string | null;
    readonly language: string | null;
    readonly labels: readonly string[];
    readonly custom: Readonly<Record<string, unknown>>;
  };
  readonly inbox: { readonly id: number | null; readonly name: string | null };
}

const scalar = z.union([z.string(), z.number(), z.boolean(), z.null()]);

const comparison = z
  .strictObject({
    is: scalar.optional().describe('The fact is this value.'),
    not: scalar.optional().describe('The fact is not this value.'),
    in: z.array(scalar).min(1).optional().describe('The fact is one of these values.'),
    exists: z.boolean().optional().describe('The fact is known (true) or not known (false).'),
    atLeast: z.number().optional().describe('The fact is a number, this or more.'),
    below: z.number().optional().describe('The fact is a number less than this.'),
  })
  .refine((value) => Object.keys(value).length > 0, {
    error: 'say at least one of is, not, in, exists, atLeast, below',
  });

const test = z.union([scalar, z.array(scalar).min(1), comparison], {
  error: 'a value, a list of values (any one of them), or { is, not, in, exists, atLeast, below }',
});

const FACTS = ['customer', 'contact', 'conversation', 'inbox'];
const factPath = z.string().refine((path) => path.includes('.') && FACTS.includes(path.split('.')[0] ?? ''), {
  error: `a path such as customer.subscription_tier; it begins with one of ${FACTS.join(', ')}`,
});

const conditions = z
  .record(factPath, test)
  .refine((value) => Object.keys(value).length > 0, { error: 'give at least one condition' });

const conditionFunction = z.custom<(facts: RoutingFacts) => boolean>((value) => typeof value === 'function');

const assign = z
  .strictObject({
    team: z
      .union([z.string().trim().min(1), z.int().positive()], { error: 'a team, by name or id' })
      .optional()
      .describe('A team, by name or id.'),
    agent: z
      .union([z.string().trim().min(1), z.int().positive()], { error: 'an agent, by e-mail, name or id' })
      .optional()
      .describe('An agent, by e-mail address, name or id.'),
    priority: z.enum(['low', 'medium', 'high', 'urgent']).optional().describe('The priority to set.'),
    labels: z.array(z.string().trim().min(1)).min(1).optional().describe('Added to those that are there.'),
  })
  .refine((value) => Object.keys(value).length > 0, {
    error: 'say at least one of team, agent, priority, labels',
  });

const rule = z.strictObject({
  name: z
    .string()
    .regex(/^[\w-]{1,40}$/, 'letters, digits, - and _, at most 40')
    .optional()
    .describe('Stands in logs and metrics; rules[<index>] without it.'),
  when: z
    .union([conditions, conditionFunction], {
      error: "conditions such as { 'customer.subscription_tier': 'enterprise' }, or a function",
    })
    .describe('Fact path to test. All of them hold.'),
  assign: assign.describe('What a conversation that fits gets.'),
});

const routingObject = z.strictObject({
  customers: z
    .strictObject({
      query: z.string().trim().min(1).describe('One parameter, $1: the e-mail address, lower-case.'),
      timeoutMs: z.int().min(100).max(60_000).default(5_000).describe('Limit of one query.'),
    })
    .optional()
    .describe('Customer records in Postgres, at CUSTOMERS_DATABASE_URL.'),
  rules: z.array(rule).default([]).describe('The first that fits decides.'),
  otherwise: z
    .strictObject({ assign: assign.describe('What it gets.') })
    .optional()
    .describe('For a conversation that no rule fits.'),
  overrideExisting: z
    .boolean()
    .default(false)
    .describe(
      'Assign even where others have given it a team, or a person has taken it, by the time it is routed.',
    ),
});

/** Nobody is a customer where none are looked up: a rule that asks for one would never fit, without a word. */
export const routingSchema = routingObject.superRefine(({ customers, rules }, context) => {
  if (customers !== undefined) return;
  for (const [index, { when }] of rules.entries()) {
    if (typeof when === 'function') continue;
    for (const fact of Object.keys(when).filter((path) => path.startsWith('customer.'))) {
      context.addIssue({
        code: 'custom',
        path: ['rules', index, 'when', fact],
        message: 'no customers are looked up; set routing.customers to a query, or ask for another fact',
      });
    }
  }
});

export type RoutingConfig = z.output<typeof routingSchema>;
export type RoutingRule = RoutingConfig['rules'][number];
export type RoutingTest = z.output<typeof test>;
export type Assignment = z.output<typeof assign>;
