import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PlannedDelivery } from '@switchyard/jobs';

/** A planned delivery with this id, in the lane of this conversation, known by its delivery id alone. */
export function deliveryNamed(id: string, conversation = 1, text = ''): PlannedDelivery {
  return {
    event: {
      name: 'conversation_created',
      delivery: { id, source: 'default', kind: 'account', receivedAt: Date.now() },
      account: 3,
      inbox: { id: 12, name: text },
      conversation: null,
      contact: null,
      message: null,
      actor: null,
      changes: null,
    },
    jobs: [{ queue: 'routing', lane: `v3-${conversation}` }],
    semanticKey: null,
    replayKey: null,
  };
}

export function idsOf(deliveries: readonly PlannedDelivery[]): string[] {
  return deliveries.map(({ event }) => event.delivery.id);
}

/** A directory of a test's own, and how to be rid of it. */
export async function temporaryDirectory(): Promise<{ dir: string; remove(): Promise<void> }> {
  const dir = await mkdtemp(join(tmpdir(), 'switchyard-spool-'));
  return { dir, remove: () => rm(dir, { recursive: true, force: true }) };
}
