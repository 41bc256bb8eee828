export type EventParseCode =
  | 'EVENT_NOT_AN_OBJECT'
  | 'EVENT_NAME_MISSING'
  | 'EVENT_NAME_INVALID'
  | 'EVENT_MESSAGE_ID_MISSING'
  | 'EVENT_CONVERSATION_ID_MISSING';

/** A body that holds no event. The message says what is missing and where; it never repeats the body. */
export class EventParseError extends Error {
  override readonly name = 'EventParseError';
  readonly code: EventParseCode;
  /** Where in the body: `event`, `conversation.id`; empty for the body itself. */
  readonly path: string;

  constructor(code: EventParseCode, path: string, message: string) {
    super(message);
    this.code = code;
    this.path = path;
  }
}
