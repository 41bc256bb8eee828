import { agentBotsApi } from './agent-bots.ts';
import { type ApiSettings, createApi } from './api.ts';
import { contactsApi } from './contacts.ts';
import { conversationsApi } from './conversations.ts';
import { customerApi } from './customer.ts';
import { directoryApi } from './directory.ts';
import { inboxesApi } from './inboxes.ts';
import { messagesApi } from './messages.ts';
import { serverVersionApi } from './server-version.ts';
import { webhooksApi } from './webhooks.ts';

export type ChatwootClient = ReturnType<typeof createChatwootClient>;

/**
 * Chatwoot's application API as far as Switchyard needs it (contract §3). Every method takes the account first
 * and ends with options (`signal`; `as: 'user' | 'bot'` on writes that bots may make), and throws CallFailure.
 *
 * @throws {TypeError} the base URL is no http(s) address, or a token holds what no token holds.
 */
export function createChatwootClient(settings: ApiSettings) {
  const api = createApi(settings);
  return {
    ...serverVersionApi(api),
    ...directoryApi(api),
    messages: messagesApi(api),
    conversations: conversationsApi(api),
    contacts: contactsApi(api),
    inboxes: inboxesApi(api),
    customer: customerApi(api),
    webhooks: webhooksApi(api),
    agentBots: agentBotsApi(api),
  };
}
