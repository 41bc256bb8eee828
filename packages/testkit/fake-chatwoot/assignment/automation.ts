import { updateConversation } from '../conversations.ts';
import type { ConversationRow } from '../records.ts';
import type { World } from '../world.ts';

/** What happens by itself to each new conversation of an inbox, or of all (contract [R] 4). */
export interface AutomationRule {
  readonly inboxId?: number;
  readonly teamId?: number;
  readonly userId?: number;
  /** Its `conversation_updated` is sent before the `conversation_created`, which then shows the result. */
  readonly beforeCreation?: boolean;
}

/** Team and agent in one save, so in one `conversation_updated`. */
export function runAutomation(world: World, conversation: ConversationRow, beforeCreation: boolean): void {
  for (const rule of world.store.automationRules.values()) {
    if ((rule.beforeCreation ?? false) !== beforeCreation) continue;
    if (rule.inboxId !== undefined && rule.inboxId !== conversation.inbox_id) continue;
    const patch = {
      ...(rule.userId === undefined ? {} : { assignee_id: rule.userId }),
      ...(rule.teamId === undefined ? {} : { team_id: rule.teamId }),
    };
    updateConversation(world, conversation, patch, { kind: 'automation' });
  }
}
