import type { Command } from 'commander';
import type { Run } from '../context.ts';
import { everyCommand } from '../options.ts';

export function addBot(program: Command, run: Run): void {
  const bot = program
    .command('bot')
    .description('Turn the bot off and on: off, it says nothing, and people get what is its.');

  const off = bot
    .command('off')
    .description('From now on the bot says nothing; what is pending in its inboxes is handed over.')
    .option('--by <name>', 'who turns it; your user and machine without it');
  everyCommand(off, 'switchyard bot off\nswitchyard bot off --by "Ada, on call"').action(async (options) => {
    await run(options, async (context) => (await import('./turn.ts')).turnBot(false, options.by, context));
  });

  const on = bot
    .command('on')
    .description('The bot answers again. What was handed over meanwhile stays with the people.')
    .option('--by <name>', 'who turns it; your user and machine without it');
  everyCommand(on, 'switchyard bot on').action(async (options) => {
    await run(options, async (context) => (await import('./turn.ts')).turnBot(true, options.by, context));
  });

  const status = bot
    .command('status')
    .description('Whether it is on, and who turned it when. Exit code 1 while it is off.');
  everyCommand(status, 'switchyard bot status').action(async (options) => {
    await run(options, async (context) => (await import('./turn.ts')).botStatus(context));
  });
}
