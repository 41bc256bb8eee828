import { findKeptJob, recentAccounts, type StoryJob } from '@switchyard/jobs';
import { CommandFailure } from './command-failure.ts';
import type { CommandContext } from './context.ts';
import { EXIT, type ExitCode } from './exit.ts';
import { type OpenLine, withLine } from './open-line.ts';
import { tellStory } from './trace-report.ts';
import { isBeginningOfId, readSubject, type Subject } from './trace-subject.ts';

export interface TraceOptions {
  readonly account?: number | undefined;
  readonly personal?: boolean | undefined;
}

/** What a customer wrote and who it was, from BullMQ, which keeps it for a while. */
export interface Personal {
  readonly name: string | null;
  readonly email: string | null;
  readonly phone: string | null;
  readonly message: string | null;
}

export interface Told {
  readonly subject: Subject;
  readonly jobs: readonly StoryJob[];
  /** Of a contact: its conversations, the latest first. */
  readonly conversations: readonly number[];
  /** By delivery; null without --personal. */
  readonly personal: ReadonlyMap<string, Personal> | null;
}

export async function trace(
  words: readonly string[],
  options: TraceOptions,
  { terminal }: CommandContext,
): Promise<ExitCode> {
  const asked = readSubject(words);
  return withLine(async (line) => {
    const subject = await withAccount(asked, options, line);
    const { jobs, conversations } = await storyOf(subject, line);
    const personal = options.personal ? await personalOf(jobs, line) : null;
    tellStory({ subject, jobs, conversations, personal }, terminal);
    return EXIT.ok;
  });
}

async function withAccount(subject: Subject, { account }: TraceOptions, line: OpenLine): Promise<Subject> {
  if (subject.kind === 'delivery' || subject.account !== null) return subject;
  if (account !== undefined) return { ...subject, account };
  const configured = line.config.chatwoot.accounts ?? [];
  const known =
    configured.length > 0
      ? configured
      : await recentAccounts(line.redis, { queues: line.queues, shards: line.config.shards });
  const [only] = known;
  if (only !== undefined && known.length === 1) return { ...subject, account: only };
  const message =
    known.length === 0
      ? `of which account? Nothing in Redis tells one, so nothing is known of ${subject.kind} ${subject.id} either, or it was long ago`
      : `of which account? There are jobs of ${known.join(', ')}`;
  throw new CommandFailure(known.length === 0 ? EXIT.notFound : EXIT.usage, 'ACCOUNT_MISSING', message, [
    'Give --account <id>, or the address of the conversation in Chatwoot.',
  ]);
}

async function storyOf(
  subject: Subject,
  { stories }: OpenLine,
): Promise<{ readonly jobs: readonly StoryJob[]; readonly conversations: readonly number[] }> {
  if (subject.kind === 'delivery') {
    const jobs = await stories.ofDelivery(subject.id);
    if (jobs === null) {
      const begun = isBeginningOfId(subject.id);
      throw new CommandFailure(
        EXIT.notFound,
        'DELIVERY_NOT_FOUND',
        begun
          ? `${subject.id} is the beginning of a delivery id; deliveries are found by their whole id`
          : `delivery ${subject.id} was never taken, or is longer ago than deliveries are remembered`,
        [
          begun
            ? 'Copy the whole id, such as 9ec97273-301c-4070-9a4a-feb18ba7cf13, or give the number of the conversation.'
            : 'The log of the ingress has a line for every delivery it took; Chatwoot keeps none.',
        ],
      );
    }
    return { jobs, conversations: [] };
  }
  const account = subject.account ?? 0;
  const found =
    subject.kind === 'contact'
      ? await stories.ofContact(account, subject.id)
      : { jobs: await stories.ofConversation(account, subject.id), conversations: [] };
  if (found.jobs.length > 0 || found.conversations.length > 0) return found;
  throw new CommandFailure(
    EXIT.notFound,
    'NOTHING_KNOWN',
    `nothing is known of ${subject.kind} ${subject.id} of account ${account}`,
    [
      'No event of it was worked on lately: check the number and the account, and that its webhook is there (switchyard doctor).',
    ],
  );
}

async function personalOf(
  jobs: readonly StoryJob[],
  { redis, config }: OpenLine,
): Promise<ReadonlyMap<string, Personal>> {
  const found = new Map<string, Personal>();
  for (const { delivery, queue, jobId } of jobs) {
    if (found.has(delivery)) continue;
    const event = (await findKeptJob(redis, { queue, jobId, shards: config.shards }))?.event ?? null;
    if (event === null) continue;
    const { contact, message } = event;
    found.set(delivery, {
      name: contact?.name ?? null,
      email: contact?.email ?? null,
      phone: contact?.phone ?? null,
      message: message?.content ?? null,
    });
  }
  return found;
}
