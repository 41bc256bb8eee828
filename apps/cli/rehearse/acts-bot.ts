import type { BotRule } from '@switchyard/config';
import { sameName } from './acts-line.ts';
import { jobFault } from './job-row.ts';
import { failed, passed, type Row, skipped, went } from './row.ts';
import type { Played, Stage } from './stage.ts';
import type { Cue } from './texts.ts';
import type { Watch } from './watch.ts';

// What bot-replies makes of messages.

export interface BotActParts {
  readonly stage: Stage;
  readonly watch: Watch;
}

/** Whether bot-replies works on messages at all; the rules need not be asked one by one if not. */
export async function takesMessages({ watch }: Pick<BotActParts, 'watch'>, played: Played): Promise<Row> {
  const seen = await watch.job('bot-replies', 'message_created', played, played.message);
  return jobFault('bot', 'bot-replies', seen) ?? passed('bot', 'takes messages', Date.now() - played.at);
}

/** A rule's text is answered by that rule; its offer is taken up. One row, or two. */
export async function rule(parts: BotActParts, cue: Cue): Promise<readonly Row[]> {
  const name = `rule ${cue.label}`;
  if (cue.text === null) return [skipped(name, cue.why ?? 'no text can be derived from it')];
  const played = await parts.stage.begin(cue.text);
  const answered = await answer(parts, name, cue, played);
  const { offer } = cue.rule;
  if (offer === undefined) return [answered];
  const offerName = `offer of ${cue.label}`;
  if (!went(answered)) return [answered, skipped(offerName, `see ${name}`)];
  const yes = offer.yes[0] ?? 'yes';
  const since = Date.now();
  const message = await parts.stage.write(played, yes);
  const seen = await parts.watch.job('bot-replies', 'message_created', played, message);
  const fault = jobFault(offerName, 'bot-replies', seen);
  if (fault !== null) return [answered, fault];
  const { action, reason } = seen.found?.decision ?? { action: 'silent', reason: 'unknown' };
  if (action !== 'take-offer') {
    return [answered, failed(offerName, `"${yes}" was not taken for a yes: ${action}, because ${reason}`)];
  }
  return [answered, await handedOver(parts, offerName, played, offer.handoff, since)];
}

async function answer({ watch }: BotActParts, name: string, cue: Cue, played: Played): Promise<Row> {
  const seen = await watch.job('bot-replies', 'message_created', played, played.message);
  const fault = jobFault(name, 'bot-replies', seen);
  if (fault !== null) return fault;
  const { action, reason } = seen.found?.decision ?? { action: 'silent', reason: 'unknown' };
  if (reason.startsWith('rule:') && reason !== `rule:${cue.label}`) {
    return skipped(name, `"${cue.text}" is answered by ${reason.replace(':', ' ')}, which comes first`);
  }
  if (reason !== `rule:${cue.label}`)
    return failed(name, `"${cue.text}" got no answer: ${action}, because ${reason}`);
  const said = await watch.answers(played, played.message);
  const { handoff } = cue.rule;
  const expected = Number(cue.rule.reply !== undefined) + Number(handoff?.reply !== undefined);
  if (said.length !== expected) {
    return failed(
      name,
      `"${cue.text}": ${said.length} answers are in the conversation, ${expected} should be`,
    );
  }
  const ms = Date.now() - played.at;
  if (handoff === undefined) return passed(name, `"${cue.text}" is answered, once`, ms);
  return handedOver({ watch }, name, played, handoff, played.at);
}

async function handedOver(
  { watch }: Pick<BotActParts, 'watch'>,
  name: string,
  played: Played,
  { team }: NonNullable<BotRule['handoff']>,
  since: number,
): Promise<Row> {
  const hasTeam = (now: { readonly team: { readonly id: number; readonly name: string | null } | null }) =>
    team === undefined || (typeof team === 'number' ? now.team?.id === team : sameName(now.team?.name, team));
  const { found, last } = await watch.conversation(played, (now) => now.status === 'open' && hasTeam(now));
  const to = team === undefined ? '' : `, team ${team}`;
  if (found !== null) return passed(name, `handed over: open${to}`, Date.now() - since);
  return failed(
    name,
    `not handed over: it is ${last?.status ?? 'gone'}, with ${last?.team?.name ?? 'no team'}; it should be open${to}`,
  );
}

/** After a person's reply the bot keeps out. */
export async function person(
  { stage, watch }: BotActParts,
  cue: Cue & { readonly text: string },
  reply: (played: Played) => Promise<void>,
): Promise<Row> {
  const name = 'a person';
  const played = await stage.begin(cue.text);
  const first = await watch.job('bot-replies', 'message_created', played, played.message);
  const fault = jobFault(name, 'bot-replies', first);
  if (fault !== null) return fault;
  await reply(played);
  const since = Date.now();
  const message = await stage.write(played, cue.text);
  const seen = await watch.job('bot-replies', 'message_created', played, message);
  const later = jobFault(name, 'bot-replies', seen);
  if (later !== null) return later;
  const { reason = 'unknown' } = seen.found?.decision ?? {};
  const said = await watch.answers(played, message);
  // In a bot's inbox it also opens the conversation, where it is still pending.
  if (said.length === 0 && reason.startsWith('human-')) {
    return passed(
      name,
      `after a person's reply, "${cue.text}" gets no answer: ${reason}`,
      Date.now() - since,
    );
  }
  if (said.length === 0)
    return failed(name, `"${cue.text}" got no answer, but not because of them: ${reason}`);
  return failed(
    name,
    `the bot talks over a person: "${cue.text}" was answered after their reply (${reason})`,
  );
}

/** What no rule answers: people get it in a bot's inbox; elsewhere they have it already. */
export async function unanswered({ stage, watch }: BotActParts, text: string): Promise<Row> {
  const name = 'no rule fits';
  const played = await stage.begin(text);
  const seen = await watch.job('bot-replies', 'message_created', played, played.message);
  const fault = jobFault(name, 'bot-replies', seen);
  if (fault !== null) return fault;
  const { reason = 'unknown' } = seen.found?.decision ?? {};
  if (stage.bot === null) {
    const said = await watch.answers(played, played.message);
    if (said.length === 0) {
      const detail = `the bot is silent (${reason}); the conversation is open to people`;
      return passed(name, detail, Date.now() - played.at);
    }
    return failed(name, `"${text}" was answered, and no rule should`);
  }
  const { found, last } = await watch.conversation(played, ({ status }) => status === 'open');
  if (found !== null) return passed(name, `handed over to people: open (${reason})`, Date.now() - played.at);
  return failed(
    name,
    `it stays ${last?.status ?? 'gone'}, where nobody sees it: ${reason}`,
    'bot.unanswered.handOver in the config file says what becomes of it (docs/configuration.md).',
  );
}
