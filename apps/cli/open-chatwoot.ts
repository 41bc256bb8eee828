import { CallFailure, type ChatwootClient, createChatwootClient, type Send } from '@switchyard/chatwoot';
import type { CliConfig } from '@switchyard/config';
import { createSend } from '@switchyard/jobs';
import { createLogger, createMetrics, VERSION } from '@switchyard/telemetry';
import { clockAhead } from './clock.ts';
import { CommandFailure } from './command-failure.ts';
import { EXIT } from './exit.ts';

export interface Chatwoot {
  readonly client: ChatwootClient;
  readonly baseUrl: string;
  /** How far Chatwoot's clock is before ours, by its last answer's `Date`; null when it sent none. */
  aheadMs(): number | null;
  close(): Promise<void>;
}

/** @throws {CommandFailure} CHATWOOT_BASE_URL or CHATWOOT_API_TOKEN is missing, or a value no address or token has. */
export function openChatwoot({ chatwoot }: Pick<CliConfig, 'chatwoot'>): Chatwoot {
  const { baseUrl, apiToken, botToken, timeoutMs } = chatwoot;
  const missing = [
    ...(baseUrl === null
      ? ['CHATWOOT_BASE_URL: not set; the address of Chatwoot, such as https://chat.example.com']
      : []),
    ...(apiToken === null
      ? ["CHATWOOT_API_TOKEN: not set; an administrator's access token, from their profile page in Chatwoot"]
      : []),
  ];
  if (baseUrl === null || apiToken === null) {
    throw new CommandFailure(EXIT.usage, 'CONFIG_MISSING', missing.join('\n'));
  }
  const runtime = {
    log: createLogger({ app: 'switchyard', level: 'silent' }),
    metrics: createMetrics({ app: 'cli', version: VERSION }),
  };
  const sender = createSend({ target: 'chatwoot', timeoutMs, runtime });
  let aheadMs: number | null = null;
  const send: Send = async (request) => {
    const askedAt = Date.now();
    const answer = await sender.send(request);
    aheadMs = clockAhead(answer.headers.date, askedAt, Date.now()) ?? aheadMs;
    return answer;
  };
  try {
    const client = createChatwootClient({
      baseUrl,
      token: apiToken,
      botToken: botToken ?? undefined,
      send,
    });
    return { client, baseUrl, aheadMs: () => aheadMs, close: () => sender.close() };
  } catch (error) {
    if (error instanceof TypeError) throw new CommandFailure(EXIT.usage, 'CONFIG_INVALID', error.message);
    throw error;
  }
}

export async function withChatwoot<T>(
  config: Pick<CliConfig, 'chatwoot'>,
  work: (chatwoot: Chatwoot) => Promise<T>,
): Promise<T> {
  const chatwoot = openChatwoot(config);
  try {
    return await work(chatwoot);
  } catch (error) {
    throw withPlace(error, chatwoot.baseUrl);
  } finally {
    await chatwoot.close();
  }
}

/** A failure of the connection, with the address it was tried at; any other as it is. */
export function withPlace(error: unknown, baseUrl: string): unknown {
  if (!(error instanceof CallFailure && error.failure === 'outage')) return error;
  const reason = error.message.replace(/^[Cc]hatwoot: /, '');
  return new CommandFailure(
    EXIT.unreachable,
    'CHATWOOT_UNREACHABLE',
    `Chatwoot at ${baseUrl} does not answer: ${reason}`,
    ['Check CHATWOOT_BASE_URL, and that this machine reaches it.'],
  );
}
