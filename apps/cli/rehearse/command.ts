import type { Command } from 'commander';
import type { Run } from '../context.ts';
import { everyCommand, parseAge, parseId } from '../options.ts';

export function addRehearse(program: Command, run: Run): void {
  const command = program
    .command('rehearse')
    .description('Play a customer in a Chatwoot that runs, and see what every part of the line makes of it.')
    .requiredOption('--account <id>', 'the Chatwoot account', parseId)
    .option('--inbox <id>', 'play in this API inbox instead of making one', parseId)
    .option('--without-bot', 'do not attach the agent bot to the inbox that is made')
    .option('--with-crm', 'send the lead to the CRM too; it stays there')
    .option('--wait <time>', 'how long each thing may take', parseAge, 20_000)
    .option('--keep', 'leave what was made in Chatwoot, to look at');
  everyCommand(
    command,
    `
    switchyard rehearse --account 1
    switchyard rehearse --account 1 --inbox 12 --json
    switchyard rehearse --account 1 --wait 60s     # a Chatwoot whose background jobs are slow`,
  ).action(async (options) => {
    await run(options, async (context) => (await import('./rehearse.ts')).rehearse(options, context));
  });
}
