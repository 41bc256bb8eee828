import { randomBytes } from 'node:crypto';
import type { AgentBot, ChatwootClient } from '@switchyard/chatwoot';
import { createRehearsals } from '@switchyard/jobs';
import { administratorOf } from '../connect/access.ts';
import type { CommandContext } from '../context.ts';
import type { ExitCode } from '../exit.ts';
import { withChatwoot } from '../open-chatwoot.ts';
import { type OpenLine, withLine } from '../open-line.ts';
import { double } from './act-double.ts';
import { webhook } from './act-webhook.ts';
import { person, rule, takesMessages, unanswered } from './acts-bot.ts';
import { lead, routed } from './acts-line.ts';
import { becauseOfNames } from './because-of-names.ts';
import { clear, withWhatIsLeft } from './clear.ts';
import { unheard } from './inbox-heard.ts';
import { createProgramme, type Programme } from './programme.ts';
import { tellStage } from './report.ts';
import { failed, type Row, skipped, went } from './row.ts';
import { type Played, type Stage, setStage } from './stage.ts';
import { type Cue, cuesOf } from './texts.ts';
import { createWatch, type Watch } from './watch.ts';

/** How long jobs of what was played may still take before it is removed; those that were waited for have ended. */
const JOBS_MS = 3_000;
const INTERRUPTED_JOBS_MS = 15_000;

export interface RehearseOptions {
  readonly account: number;
  readonly inbox?: number | undefined;
  readonly withoutBot?: boolean | undefined;
  readonly withCrm?: boolean | undefined;
  readonly wait: number;
  readonly keep?: boolean | undefined;
}

/** Plays a customer, shows what came of it, and removes what it made. */
export async function rehearse(options: RehearseOptions, context: CommandContext): Promise<ExitCode> {
  return withLine((line) => {
    const programme = createProgramme(options.account, context);
    const { apiToken, botToken } = line.config.chatwoot;
    if (apiToken !== null || botToken === null) {
      return withChatwoot(line.config, ({ client }) => perform(options, line, client, context, programme));
    }
    const fix =
      "Set CHATWOOT_API_TOKEN to an administrator's access token; bot-replies needs a user's as well.";
    programme.show(
      failed(
        'token',
        "CHATWOOT_BOT_TOKEN is set, and CHATWOOT_API_TOKEN is not: a bot's token reads nothing",
        fix,
      ),
    );
    programme.show(skipped('the rest', 'not tried: see token'));
    return Promise.resolve(programme.end(null, null));
  });
}

async function perform(
  options: RehearseOptions,
  line: OpenLine,
  client: ChatwootClient,
  { terminal, signal }: CommandContext,
  programme: Programme,
): Promise<ExitCode> {
  administratorOf(await client.profile({ signal }), options.account);
  const deaf = unheard(line.config.sources, options.account, options.inbox ?? null);
  if (deaf !== null) {
    programme.show(deaf);
    programme.show(skipped('the rest', 'not tried: see webhook'));
    return programme.end(null, null);
  }
  const bot = options.withoutBot ? null : await ourBot(client, options.account, line);
  const rehearsals = createRehearsals(line.redis, line.config.shards);
  const { account, inbox = null, withCrm = false } = options;
  const onCustomer = async (of: number, contact: number) => {
    if (!withCrm) await rehearsals.add(account, of, contact);
  };
  const stage = await setStage(client, { account, inbox, bot, onCustomer }, signal);
  const version = await client.serverVersion({ signal }).catch(() => null);
  tellStage(stage, version?.text ?? null, terminal);
  const broken = await play({ options, line, client, stage, signal, show: programme.showTried }).then(
    () => null,
    programme.brokenOff,
  );
  const removed = await clear({
    stage,
    stories: line.stories,
    keep: options.keep === true,
    limitMs: signal.aborted ? INTERRUPTED_JOBS_MS : JOBS_MS,
  });
  programme.show(removed);
  if (broken !== null) throw withWhatIsLeft(broken, removed);
  return programme.end(stage, version?.text ?? null);
}

/** The bot whose token the workers write with. */
async function ourBot(
  client: Pick<ChatwootClient, 'agentBots'>,
  account: number,
  { config }: OpenLine,
): Promise<AgentBot | null> {
  const { botToken } = config.chatwoot;
  if (botToken === null) return null;
  return (await client.agentBots.list(account)).find(({ accessToken }) => accessToken === botToken) ?? null;
}

interface Play {
  readonly options: RehearseOptions;
  readonly line: OpenLine;
  readonly client: ChatwootClient;
  readonly stage: Stage;
  readonly signal: AbortSignal;
  readonly show: (row: Row) => void;
}

async function play({ options, line, client, stage, signal, show }: Play): Promise<void> {
  const { config, stories } = line;
  const { account } = options;
  if (signal.aborted) return show(skipped('the rest', 'interrupted'));
  const watch = createWatch({ account, client, stories, waitMs: options.wait, signal });
  const asked = { client, config, account };
  const works = (queue: string) => config.queues.includes(queue);
  const cues = works('bot-replies') ? cuesOf(config.bot?.rules ?? []) : [];
  const first = await stage.begin(cues.find(({ text }) => text !== null)?.text ?? 'Hello?');
  const came = await webhook({ client, config, account }, watch, first);
  show(came);
  if (!went(came)) return show(skipped('the rest', 'not tried: see webhook'));
  const acts: (() => Promise<readonly Row[]>)[] = [
    ...(works('crm-sync')
      ? [async () => [await lead(watch, first, options.withCrm === true)]]
      : [async () => [skipped('lead', 'no CRM is configured')]]),
    ...(works('routing')
      ? [async () => [await becauseOfNames(await routed(watch, first), 'routing', asked, signal)]]
      : [async () => [skipped('routing', 'no rules are configured')]]),
  ];
  for (const act of acts) {
    if (signal.aborted) return show(skipped('the rest', 'interrupted'));
    for (const row of await act()) show(row);
  }
  if (signal.aborted) return show(skipped('the rest', 'interrupted'));
  if (!works('bot-replies')) return show(skipped('bot', 'no rules are configured'));
  await playBot({ asked, client, stage, watch, first, cues, signal, show });
  if (!signal.aborted) show(await double({ client, config, stage }, first));
}

interface BotPlay extends Pick<Play, 'client' | 'stage' | 'signal' | 'show'> {
  readonly asked: Parameters<typeof becauseOfNames>[2];
  readonly watch: Watch;
  /** The conversation that was begun first. */
  readonly first: Played;
  readonly cues: readonly Cue[];
}

async function playBot({ asked, client, stage, watch, first, cues, signal, show }: BotPlay): Promise<void> {
  const parts = { stage, watch };
  const takes = await becauseOfNames(await takesMessages(parts, first), 'bot', asked, signal);
  show(takes);
  if (!went(takes)) return show(skipped('rules, a person, …', 'not tried: see bot'));
  let talked: (Cue & { readonly text: string }) | null = null;
  for (const cue of cues) {
    if (signal.aborted) return show(skipped('the rest', 'interrupted'));
    const rows = await rule(parts, cue);
    for (const row of rows) show(row);
    const { text } = cue;
    const talks = text !== null && cue.rule.handoff === undefined && rows[0] !== undefined && went(rows[0]);
    if (talks && talked === null) talked = { ...cue, text };
  }
  if (signal.aborted) return show(skipped('the rest', 'interrupted'));
  const reply = async ({ conversation }: Played) => {
    // Without our marker, so that the line takes it for a person's.
    await client.messages.create(
      stage.account,
      conversation,
      { content: 'A person, rehearsing.' },
      { as: 'user' },
    );
  };
  show(
    talked === null
      ? skipped('a person', 'not tried: no rule answers without handing over')
      : await person(parts, talked, reply),
  );
  if (!signal.aborted) show(await unanswered(parts, `rehearsal ${randomBytes(6).toString('hex')}`));
}
