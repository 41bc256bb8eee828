import type { Send } from '@switchyard/chatwoot';
import type { WorkerDefinition } from '@switchyard/jobs';

/** A job with one effect: one POST, in one step. */
export function oneEffect(
  send: Send,
  url: string,
): WorkerDefinition<null, { action: string; reason: string }> {
  return {
    queue: 'routing',
    facts: () => Promise.resolve(null),
    decide: () => ({ action: 'post', reason: 'bench' }),
    async steps(event, _decision, { step, signal }) {
      await step('post', async ({ key }) => {
        const { status } = await send({
          method: 'POST',
          url,
          operation: 'bench.post',
          headers: { 'content-type': 'application/json', 'idempotency-key': key },
          body: JSON.stringify({ delivery: event.delivery.id, conversation: event.conversation?.id }),
          signal,
        });
        return { status };
      });
    },
  };
}
