import { isContactMessage } from '@switchyard/chatwoot';
import type { HandoverCause, HandoverOrder, OwedJob } from '@switchyard/jobs';

/**
 * What is to be handed over where a job of bot-replies has not ended; null where it owes no customer an answer: another
 * event, a message of the team, of a bot or of a blocked contact. What the bot would have said to it is no matter.
 */
export function owedAnswer({ jobId, event }: OwedJob, cause: HandoverCause): HandoverOrder | null {
  const { account, conversation, inbox, contact, message } = event;
  if (event.name !== 'message_created' || message === null) return null;
  if (account === null || conversation === null) return null;
  if (!isContactMessage(message) || message.deleted || contact?.blocked === true) return null;
  return {
    cause,
    account,
    conversation: conversation.id,
    inbox: inbox?.id ?? null,
    contact: contact?.id ?? null,
    message: message.id,
    job: jobId,
  };
}
