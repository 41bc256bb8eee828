import { loadCliConfig, type SourceConfig } from '@switchyard/config';
import { webhookUrl } from './address/webhook-url.ts';
import { CommandFailure } from './command-failure.ts';
import type { CommandContext } from './context.ts';
import { EXIT, type ExitCode } from './exit.ts';
import { type DeliveryAnswer, postDelivery } from './post-delivery.ts';
import { startProgress } from './progress.ts';
import { readPayload, SAMPLES, withChanges } from './samples.ts';
import type { Terminal } from './terminal.ts';

export interface SendOptions {
  readonly list?: boolean | undefined;
  readonly url: string;
  readonly source: string;
  readonly delivery?: string | undefined;
  readonly set: readonly string[];
  readonly repeat: number;
  readonly unsigned?: boolean | undefined;
}

/** Above this, answers are counted instead of listed. */
const MOST_LISTED = 20;

export async function send(
  payload: string | undefined,
  options: SendOptions,
  { terminal, signal }: CommandContext,
): Promise<ExitCode> {
  if (options.list) return listSamples(terminal);
  if (payload === undefined) {
    throw new CommandFailure(
      EXIT.usage,
      'PAYLOAD_MISSING',
      'say what to send: a sample (--list has them) or a file',
    );
  }
  const body = withChanges(await readPayload(payload), options.set);
  const { url, secret } = await target(options);
  const answers: DeliveryAnswer[] = [];
  const progress = startProgress(terminal, 'sending');
  for (let sent = 0; sent < options.repeat && !signal.aborted; sent += 1) {
    // One after the other, as they would come: the answers show what the first did to the next.
    answers.push(await postDelivery({ url, body, secret, delivery: options.delivery, signal }));
    if (options.repeat > 1) progress.update(sent + 1, options.repeat);
  }
  progress.stop();
  tell(answers, url, terminal);
  if (signal.aborted) return EXIT.interrupted;
  return answers.every(({ status, result }) => status === 200 && result !== null) ? EXIT.ok : EXIT.problem;
}

function listSamples(terminal: Terminal): ExitCode {
  const samples = Object.entries(SAMPLES).map(([name, what]) => ({ name, what }));
  terminal.result({ samples }, () =>
    terminal.table(
      [
        { head: 'SAMPLE', cell: ({ name }) => name },
        { head: 'WHAT IT IS', cell: ({ what }) => what, flexible: true },
      ],
      samples,
    ),
  );
  return EXIT.ok;
}

/** Where to post, and with which secret; only what is needed of the configuration is asked for. */
async function target(
  options: SendOptions,
): Promise<{ readonly url: string; readonly secret: string | null }> {
  const url = webhookUrl(options.url, options.source);
  if (options.unsigned) return { url, secret: null };
  const { sources } = await loadCliConfig();
  const source = sources[options.source];
  if (source === undefined) throw unknownSource(options.source, sources);
  if ('secrets' in source) return { url, secret: source.secrets[0] ?? null };
  const { token } = source.unsigned;
  return { url: url.endsWith(`/${token}`) ? url : `${url}/${token}`, secret: null };
}

function unknownSource(name: string, sources: Readonly<Record<string, SourceConfig>>): CommandFailure {
  const known = Object.keys(sources);
  if (name === 'default' && known.length === 0) {
    return new CommandFailure(
      EXIT.usage,
      'SECRET_MISSING',
      'CHATWOOT_WEBHOOK_SECRET: not set, so nothing can be signed',
      ['Set it to the secret of the webhook (switchyard connect tells it), or send with --unsigned.'],
    );
  }
  const there = known.length === 0 ? 'there are none' : `there are: ${known.join(', ')}`;
  return new CommandFailure(
    EXIT.usage,
    'SOURCE_UNKNOWN',
    `--source: no source "${name}" is configured; ${there}`,
  );
}

function tell(answers: readonly DeliveryAnswer[], url: string, terminal: Terminal): void {
  const listed = answers.map(({ delivery, status, result, queues, error, ms }) => ({
    delivery,
    status,
    result,
    queues,
    error,
    ms: Math.round(ms),
  }));
  terminal.result({ url, answers: listed }, () => {
    const { green, yellow, red } = terminal.colors;
    const shown = listed.slice(0, MOST_LISTED);
    terminal.table(
      [
        { head: 'DELIVERY', cell: ({ delivery }) => delivery, dispensable: 1 },
        {
          head: 'ANSWER',
          cell: ({ status, result }) => `${status} ${result ?? ''}`.trim(),
          paint: (text, { status, result }) =>
            status !== 200 ? red(text) : result === 'accepted' ? green(text) : yellow(text),
        },
        { head: 'QUEUES', cell: ({ queues }) => queues.join(', ') || '–' },
        { head: 'TIME', cell: ({ ms }) => `${ms} ms`, align: 'right' },
      ],
      shown,
    );
    if (listed.length > shown.length)
      terminal.line(`… and ${listed.length - shown.length} more: ${counted(listed)}`);
  });
  const bad = answers.find(({ status, result }) => status !== 200 || result === null);
  if (bad === undefined) return;
  terminal.note('');
  terminal.note(`${terminal.colors.red('✗')} ${meaningOf(bad, url)}`);
}

function counted(answers: readonly { readonly status: number; readonly result: string | null }[]): string {
  const groups = Map.groupBy(answers, ({ status, result }) => result ?? String(status));
  return [...groups].map(([name, each]) => `${each.length} ${name}`).join(', ');
}

/** What an answer that is none of a delivery's means, and what to do. */
function meaningOf({ status, error }: DeliveryAnswer, url: string): string {
  const said = error === null ? '' : ` ("${error}")`;
  switch (status) {
    case 401:
      return `refused${said}: the ingress has another secret for this source, or its clock is more than 300 s from ours`;
    case 404:
      return `not found${said}: no such source there, or ${url} is not an ingress`;
    case 400:
      return `not understood${said}: the payload names no event`;
    case 413:
      return `too large${said}: see ingress.bodyBytes in docs/configuration.md`;
    case 429:
      return `too busy${said}: try again`;
    case 500:
      return `not durable${said}: Redis is away and the spool takes nothing; look at the log of the ingress`;
    default:
      return status === 200
        ? `${url} answers 200, but not as an ingress does: is this address Switchyard's?`
        : `${url} answers ${status}${said}: is this address Switchyard's?`;
  }
}
