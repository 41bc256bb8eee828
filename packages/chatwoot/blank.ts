import type { ChatwootEvent, Message } from './event.ts';

/** What an event that we make ourselves knows of a conversation: nothing but its id, which is left out here. */
export const blankConversation: Omit<NonNullable<ChatwootEvent['conversation']>, 'id'> = {
  channel: null,
  status: null,
  priority: null,
  labels: [],
  assignee: null,
  team: null,
  customAttributes: {},
  language: null,
  createdAt: null,
  updatedAt: null,
  firstReplyAt: null,
};

/** The same of a contact. */
export const blankContact: Omit<NonNullable<ChatwootEvent['contact']>, 'id'> = {
  name: null,
  email: null,
  phone: null,
  identifier: null,
  blocked: false,
  customAttributes: {},
  city: null,
  country: null,
};

/** The same of a message, which always has a type. */
export const blankMessage: Omit<Message, 'id' | 'type'> = {
  content: null,
  private: false,
  contentType: null,
  sender: null,
  createdAt: null,
  deleted: false,
  automated: false,
  marker: null,
  attachments: 0,
};
