import { defineConfig } from '@switchyard/config';
import { defineWorker } from '@switchyard/jobs';

const chat = process.env.TEAM_CHAT_URL ?? 'https://chat.example.com/api';

export default defineConfig({
  workers: {
    'vip-alerts': defineWorker({
      events: ['conversation_created'],

      // Reads: the priority as it is now, not as it was when the conversation was created.
      async facts({ account, conversation }, { chatwoot, signal }) {
        if (account === null || conversation === null) return null;
        return chatwoot.conversations.get(account, conversation.id, { signal });
      },

      // Pure: easy to test, and what it says stands in logs and metrics.
      decide({ contact }, conversation) {
        if (contact?.customAttributes.tier !== 'enterprise')
          return { action: 'none', reason: 'not-enterprise' };
        if (conversation?.priority !== 'urgent') return { action: 'none', reason: 'not-urgent' };
        return { action: 'alert', reason: 'urgent-enterprise' };
      },

      // Writes: done once, whatever crashes.
      async steps({ conversation }, { action }, { step, send }) {
        if (action !== 'alert') return;
        await step(
          'post-alert',
          async ({ key }) => {
            const text = `Urgent: conversation ${conversation?.id} of an enterprise customer`;
            await send({ operation: 'post', url: `${chat}/messages`, json: { id: key, text } });
          },
          {
            // Asked when nobody knows whether an earlier try got there: the process died, or the call timed out.
            async confirm({ key }) {
              const url = `${chat}/messages/${encodeURIComponent(key)}`;
              const { status } = await send({ operation: 'look', url, accept: [404] });
              return status === 404 ? { done: false } : { done: true, result: undefined };
            },
          },
        );
      },
    }),
  },
});
