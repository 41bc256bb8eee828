import { defineConfig } from '@switchyard/config';

/**
 * What the apps of the fault suite run with: the rules of the project's own config, which conversation.ts knows
 * what to expect of, and shorter limits for calls, so that a call that hangs takes seconds and not minutes.
 */
const callLimitMs = 2_000;

export default defineConfig({
  chatwoot: { timeoutMs: callLimitMs },
  crm: {
    connector: 'http',
    url: process.env.CRM_URL,
    apiKey: process.env.CRM_API_KEY,
    timeoutMs: callLimitMs,
  },
  bot: {
    rules: [
      {
        name: 'hours',
        when: { any: ['hours', 'open'], wholeWords: true },
        reply: "We're open, 9 AM - 6 PM EST.",
      },
      {
        name: 'pricing',
        when: { any: ['price', 'prices', 'cost'], wholeWords: true },
        reply: 'Our plans start at $29 a month. Shall I connect you with our sales team?',
        offer: {
          handoff: { team: 'Sales', reply: "I'm connecting you with our sales team." },
          declined: 'No problem. Is there anything else?',
        },
      },
    ],
  },
  routing: {
    customers: { query: 'SELECT subscription_tier FROM customers WHERE email = $1' },
    rules: [
      {
        name: 'enterprise',
        when: { 'customer.subscription_tier': 'enterprise' },
        assign: { team: 'Enterprise support', priority: 'high' },
      },
    ],
    otherwise: { assign: { team: 'Standard support' } },
  },
});
