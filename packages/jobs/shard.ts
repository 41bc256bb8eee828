import { hash } from 'node:crypto';
import type { ChatwootEvent } from '@switchyard/chatwoot';

/**
 * The shard of all that an event touches, from 0 to `shards - 1`.
 *
 * By the contact, where it is known, and not by the conversation as design.md §5 has it: crm-sync's lane is the
 * contact's, and all jobs of a lane must lie in one shard; all conversations of a contact therefore do too. What
 * names no contact goes by its conversation, and what names neither by its account.
 *
 * The same event in two deliveries, of whatever source, has the same shard: only what the event says counts.
 * Chatwoot's payloads name the contact in every event of a conversation (contract §2.1). When it merges two contacts,
 * later events of a conversation may lie in another shard than those before; their order is then not kept.
 */
export function shardOf(event: ChatwootEvent, shards: number): number {
  if (shards === 1) return 0;
  const { account, contact, conversation } = event;
  const subject =
    contact?.id != null ? `c${contact.id}` : conversation !== null ? `v${conversation.id}` : 'account';
  const digest = hash('sha256', `${account ?? 0}-${subject}`, 'buffer');
  return digest.readUInt32BE(0) % shards;
}
