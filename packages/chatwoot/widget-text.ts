import { type JsonObject, objectOrNull } from './readers.ts';

/** What Markdown becomes. A text that a customer wrote as HTML is escaped in it, so it is no such thing. */
const RENDERED = /^<(?:p|ul|ol|blockquote|pre|h[1-6])\b[\s\S]*>\n$/;
const ENTITIES: ReadonlyMap<string, string> = new Map([
  ['&lt;', '<'],
  ['&gt;', '>'],
  ['&quot;', '"'],
  ['&#39;', "'"],
  ['&amp;', '&'],
]);

/**
 * The text of a message as it was written. Chatwoot 4.10 posts those of a website's widget as HTML,
 * `<p>yes</p>\n` (seen in 4.10.1; 4.13 does not), which is no `yes` to an offer. The copy in the message's
 * conversation is plain; it is of the newest message, so it is not always this one's (contract §2.7). An update is
 * read without it: its text is part of what tells it from another (`semanticKey`), and a bot's copy of it has an
 * earlier conversation.
 */
export function writtenText(message: JsonObject): unknown {
  const { content } = message;
  const conversation = objectOrNull(message.conversation);
  if (typeof content !== 'string' || conversation?.channel !== 'Channel::WebWidget') return content;
  if (!RENDERED.test(content)) return content;
  if (message.event !== 'message_created') return withoutTags(content);
  const copies: unknown = conversation.messages;
  const copy = Array.isArray(copies) ? objectOrNull(copies[0]) : null;
  return copy?.id === message.id && typeof copy?.content === 'string' ? copy.content : withoutTags(content);
}

function withoutTags(html: string): string {
  return html
    .replaceAll('</p>\n<p>', '\n\n')
    .replace(/<br *\/?>\n?/g, '\n')
    .replace(/<[^<>]*>/g, '')
    .replace(/&(?:lt|gt|quot|#39|amp);/g, (entity) => ENTITIES.get(entity) ?? entity)
    .trim();
}
