import type { Message } from './event.ts';

/**
 * Whether a person of the team wrote this to the customer (contract §2.3), in Chatwoot or in the channel's own
 * app. Private notes, bots, automation rules, campaigns, templates and our own messages are not that.
 */
export function isHumanReply(message: Message): boolean {
  return (
    message.type === 'outgoing' &&
    !message.private &&
    (message.sender?.kind === 'user' || message.echo === true) &&
    !message.automated &&
    message.marker === null
  );
}

/** Whether the customer wrote this. The simplified shape names no sender (contract §2.8); incoming is enough there. */
export function isContactMessage(message: Message): boolean {
  return (
    message.type === 'incoming' &&
    !message.private &&
    (message.sender === null || message.sender.kind === 'contact') &&
    message.marker === null
  );
}
