// The example, which holds where config/switchyard.config.ts is not there. Yours goes there:
//   cp switchyard.config.ts config/
import { defineConfig } from '@switchyard/config';

export default defineConfig({
  crm: { connector: 'http', url: process.env.CRM_URL, apiKey: process.env.CRM_API_KEY },

  bot: {
    rules: [
      {
        name: 'hours',
        when: { any: ['hours', 'open', 'opening times'], wholeWords: true },
        reply: "We're open Monday-Friday, 9 AM - 6 PM EST. How can I help you today?",
      },
      {
        name: 'pricing',
        when: { any: ['pricing', 'price', 'prices', 'cost', 'how much'], wholeWords: true },
        reply: 'Our plans start at $29 a month. Would you like me to connect you with our sales team?',
        offer: {
          handoff: {
            team: 'Sales',
            reply: "Great, I'm connecting you with our sales team. They'll be with you shortly.",
          },
          declined: 'No problem. Is there anything else I can help you with?',
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
