import { type Command, InvalidArgumentError } from 'commander';
import type { Run } from './context.ts';
import { everyCommand, parseAge, parseCount, parseId } from './options.ts';

export function addDead(program: Command, run: Run): void {
  const dead = program
    .command('dead')
    .description('Dead jobs: what there is, why they died, and what to do with them.');

  everyCommand(
    filtered(dead.command('list').description('Dead jobs, by what they died of; with --jobs one by one.'))
      .option('--jobs', 'list jobs, the newest death first')
      .option('--limit <n>', 'so many jobs a page', parseCount, 25)
      .option('--cursor <text>', 'the next page, as the page before says'),
    `
    switchyard dead list
    switchyard dead list --queue routing --jobs
    switchyard dead list --account 3 --older-than 2d --json`,
  ).action(async (options) => {
    await run(options, async (context) => (await import('./dead-list.ts')).listDead(options, context));
  });

  everyCommand(
    dead
      .command('show')
      .description('One dead job: its error, attempts and finished steps.')
      .argument('<job...>', 'queue/job, as the list prints it'),
    'switchyard dead show routing/0b6d3c1e-6f0e-4a5c-9a47-2f1f3b1f7f11',
  ).action(async (job: string[], options) => {
    await run(options, async (context) => (await import('./dead-show.ts')).showDead(job, context));
  });

  everyCommand(
    acting(dead.command('redrive').description('Send dead jobs back to work: one, then ten, then all.'))
      .option('--first <n>', 'only so many, the oldest death first', parseCount)
      .option('--wait <age>', 'how long to wait for what becomes of one, and of ten', parseAge, 30_000)
      .option('--no-stages', 'all at once, without looking at what becomes of the first ones'),
    `
    switchyard dead redrive routing/0b6d3c1e-6f0e-4a5c-9a47-2f1f3b1f7f11
    switchyard dead redrive --fingerprint 3fa1c09e77b2
    switchyard dead redrive --queue crm-sync --code CRM_REFUSED --first 10
    switchyard dead redrive --all --yes          # in a script: stops when the first ones die again`,
  ).action(async (job: string[], options) => {
    await run(options, async (context) =>
      (await import('./dead-redrive.ts')).redriveDead(job, options, context),
    );
  });

  everyCommand(
    acting(dead.command('discard').description('Remove dead jobs for good.')).option(
      '--first <n>',
      'only so many, the oldest death first',
      parseCount,
    ),
    `
    switchyard dead discard bot-replies/0b6d3c1e-6f0e-4a5c-9a47-2f1f3b1f7f11
    switchyard dead discard --fingerprint 3fa1c09e77b2
    switchyard dead discard --older-than 14d --yes`,
  ).action(async (job: string[], options) => {
    await run(options, async (context) =>
      (await import('./dead-discard.ts')).discardDead(job, options, context),
    );
  });
}

function acting(command: Command): Command {
  return filtered(command.argument('[job...]', 'queue/job, as the list prints it'))
    .option('--all', 'all dead jobs')
    .option('--yes', 'do not ask; needed where nobody can be asked');
}

function filtered(command: Command): Command {
  return command
    .option('--queue <name>', 'of this queue')
    .option('--fingerprint <digits>', 'that died of this fault', parseFingerprint)
    .option('--code <code>', 'whose error has this code')
    .option('--account <id>', 'of this Chatwoot account', parseId)
    .option('--conversation <id>', 'of this conversation', parseId)
    .option('--older-than <age>', 'dead for longer than this: 90s, 15m, 2h, 3d', parseAge);
}

function parseFingerprint(text: string): string {
  if (/^[0-9a-f]{12}$/.test(text)) return text;
  throw new InvalidArgumentError('Expected the 12 digits that `switchyard dead list` shows.');
}
