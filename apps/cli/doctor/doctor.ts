import { inspectConfig } from '@switchyard/config';
import { webhookUrl } from '../address/webhook-url.ts';
import { failureOf } from '../command-failure.ts';
import type { CommandContext } from '../context.ts';
import { EXIT, type ExitCode } from '../exit.ts';
import { openChatwoot } from '../open-chatwoot.ts';
import { adminChecks } from './apps.ts';
import { type ChatwootQuestions, chatwootChecks } from './chatwoot.ts';
import { type Check, fail, runChecks, skip, summaryOf } from './check.ts';
import { configurationChecks } from './configuration.ts';
import { crmChecks } from './crm.ts';
import { customersChecks } from './customers.ts';
import { ingressProbe } from './ingress.ts';
import { redisCheck } from './redis.ts';
import { tellFindings } from './report.ts';

export interface DoctorOptions {
  readonly url?: string | undefined;
  readonly ingress?: string | undefined;
  readonly account?: number | undefined;
  readonly admin?: readonly string[] | undefined;
}

/** Looks at everything at once, each within its limit, and changes nothing. */
export async function doctor(
  options: DoctorOptions,
  { terminal, signal }: CommandContext,
): Promise<ExitCode> {
  const url = options.url === undefined ? null : webhookUrl(options.url, 'default');
  const reached = options.ingress === undefined ? url : webhookUrl(options.ingress, 'default');
  const inspection = await inspectConfig();
  const { config } = inspection;
  const probe = ingressProbe(reached, config);
  const chatwoot = chatwootPart({
    config,
    account: options.account ?? null,
    url,
    ingressAheadMs: probe.aheadMs,
    admin: options.admin ?? [],
  });
  try {
    const results = await runChecks(
      [
        ...configurationChecks(inspection),
        redisCheck(config),
        ...chatwoot.checks,
        ...probe.checks,
        ...customersChecks(config),
        ...crmChecks(config),
        ...adminChecks(options.admin ?? []),
      ],
      signal,
    );
    tellFindings(results, terminal);
    if (signal.aborted) return EXIT.interrupted;
    return summaryOf(results).fail === 0 ? EXIT.ok : EXIT.problem;
  } finally {
    await chatwoot.close();
  }
}

function chatwootPart(questions: Omit<ChatwootQuestions, 'chatwoot'>): {
  readonly checks: readonly Check[];
  close(): Promise<void>;
} {
  try {
    const chatwoot = openChatwoot(questions.config);
    return { checks: chatwootChecks({ ...questions, chatwoot }), close: () => chatwoot.close() };
  } catch (error) {
    const { apiToken, botToken } = questions.config.chatwoot;
    const findings = [
      ...failureOf(error)
        .message.split('\n')
        .map((line) => fail('access', line)),
      ...(apiToken === null && botToken !== null
        ? [
            fail(
              'bot token',
              "CHATWOOT_BOT_TOKEN alone starts no bot: Chatwoot lets an agent bot's token only write, and bot-replies reads with CHATWOOT_API_TOKEN",
              "Set CHATWOOT_API_TOKEN to an administrator's access token, too.",
            ),
          ]
        : []),
      skip('the rest of Chatwoot', 'not looked at: nothing says where it is, or with which token'),
    ];
    return {
      checks: [{ group: 'Chatwoot', name: 'access', run: async () => findings }],
      close: async () => {},
    };
  }
}
