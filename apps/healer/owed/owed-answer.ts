import { type ChatwootEvent, isContactMessage } from '@switchyard/chatwoot';
import { type HandoverCause, type HandoverOrder, isUndeliveredReply, type OwedJob } from '@switchyard/jobs';

/**
 * What is to be handed over where a job of bot-replies has not ended: a customer's message, which is owed an answer,
 * whatever the bot would have said to it, or an answer of the bot's that the channel refused. null for all else: another
 * event, a message of the team, of a bot or of a blocked contact.
 */
export function owedAnswer({ jobId, event }: OwedJob, cause: HandoverCause): HandoverOrder | null {
  const { account, conversation, inbox, contact, message } = event;
  const undelivered = event.name === 'message_updated' && isUndeliveredReply(event);
  if (account === null || conversation === null || message === null) return null;
  if (!undelivered && !isCustomers(event)) return null;
  return {
    cause,
    account,
    conversation: conversation.id,
    inbox: inbox?.id ?? null,
    contact: contact?.id ?? null,
    message: message.id,
    ...(undelivered ? { undelivered } : {}),
    job: jobId,
  };
}

function isCustomers({ name, message, contact }: ChatwootEvent): boolean {
  if (name !== 'message_created' || message === null || message.deleted) return false;
  return isContactMessage(message) && contact?.blocked !== true;
}
