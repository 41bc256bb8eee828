import { z } from 'zod';
import { type Api, accountPath, type CallOptions } from './api.ts';
import { CallFailure } from './failure.ts';

export interface AgentBot {
  readonly id: number;
  readonly name: string;
  readonly outgoingUrl: string | null;
  /** Credentials, never to be logged. Null where the token's user may not see them. */
  readonly accessToken: string | null;
  readonly secret: string | null;
}

export interface NewAgentBot {
  readonly name: string;
  readonly description?: string | undefined;
  readonly outgoingUrl: string;
}

const botSchema = z
  .object({
    id: z.int().positive(),
    name: z.string().nullish(),
    outgoing_url: z.string().nullish(),
    access_token: z.string().nullish().catch(null),
    secret: z.string().nullish(),
  })
  .transform(
    (bot): AgentBot => ({
      id: bot.id,
      name: bot.name ?? '',
      outgoingUrl: bot.outgoing_url ?? null,
      accessToken: bot.access_token ?? null,
      secret: bot.secret ?? null,
    }),
  );
// An inbox without a bot has an empty object here.
const connectedSchema = z
  .object({ agent_bot: z.union([botSchema, z.strictObject({}).transform(() => null)]).nullish() })
  .transform((answer) => answer.agent_bot ?? null);

/** What a bot whose token is good gets for a conversation, by version and by the conversation (contract [R] 2). */
const KNOWN_BOT: ReadonlySet<string> = new Set([
  'CHATWOOT_BOT_FORBIDDEN',
  'CHATWOOT_NOT_FOUND',
  'CHATWOOT_SERVER_ERROR',
]);

/** Agent bots; writing needs an administrator's token (contract §3.7). */
export function agentBotsApi(api: Api) {
  return {
    async list(account: number, options?: CallOptions): Promise<readonly AgentBot[]> {
      const path = accountPath(account, 'agent_bots');
      return api.json({ operation: 'agentBots.list', method: 'GET', path }, z.array(botSchema), options);
    },

    async create(account: number, bot: NewAgentBot, options?: CallOptions): Promise<AgentBot> {
      const request = {
        operation: 'agentBots.create',
        method: 'POST',
        path: accountPath(account, 'agent_bots'),
        body: {
          name: bot.name,
          description: bot.description,
          outgoing_url: bot.outgoingUrl,
          bot_type: 'webhook',
        },
      } as const;
      return api.json(request, botSchema, options);
    },

    async update(
      account: number,
      id: number,
      bot: Partial<NewAgentBot>,
      options?: CallOptions,
    ): Promise<AgentBot> {
      const request = {
        operation: 'agentBots.update',
        method: 'PATCH',
        path: accountPath(account, 'agent_bots', id),
        body: { name: bot.name, description: bot.description, outgoing_url: bot.outgoingUrl },
      } as const;
      return api.json(request, botSchema, options);
    },

    /**
     * Whether Chatwoot knows the bot's own token and lets it into the account. It asks for a conversation as the
     * bot, for the refusal: what a known bot may not read is refused in other words than an unknown token.
     *
     * @throws {CallFailure} CHATWOOT_UNAUTHORIZED or CHATWOOT_FORBIDDEN where it does not.
     */
    async checkToken(account: number, { signal }: CallOptions = {}): Promise<void> {
      const path = accountPath(account, 'conversations', 1);
      const request = { operation: 'agentBots.checkToken', method: 'GET', path, bots: true } as const;
      try {
        await api.done(request, { as: 'bot', signal });
      } catch (error) {
        if (!(error instanceof CallFailure && KNOWN_BOT.has(error.code))) throw error;
      }
    },

    /** The bot of an inbox; null when it has none. An inbox has one, so connecting another replaces it. */
    async ofInbox(account: number, inbox: number, options?: CallOptions): Promise<AgentBot | null> {
      const path = accountPath(account, 'inboxes', inbox, 'agent_bot');
      return api.json({ operation: 'agentBots.ofInbox', method: 'GET', path }, connectedSchema, options);
    },

    /** Connects a bot to an inbox, whose new conversations then start `pending`; null disconnects it. */
    async connect(account: number, inbox: number, bot: number | null, options?: CallOptions): Promise<void> {
      const path = accountPath(account, 'inboxes', inbox, 'set_agent_bot');
      const body = { agent_bot: bot };
      return api.done({ operation: 'agentBots.connect', method: 'POST', path, body }, options);
    },
  };
}
