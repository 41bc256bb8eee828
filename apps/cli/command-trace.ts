import type { Command } from 'commander';
import type { Run } from './context.ts';
import { everyCommand, parseId } from './options.ts';

export function addTrace(program: Command, run: Run): void {
  const command = program
    .command('trace')
    .description(
      'The story of a conversation, a contact or a delivery: what came, what was decided and why, what was done.',
    )
    .argument('<what...>', "a conversation's number or address, a delivery id, or: contact <id>")
    .option('--account <id>', 'the Chatwoot account, where the jobs in Redis are of several', parseId)
    .option('--personal', 'also show what the customer wrote, as long as it is kept');
  everyCommand(
    command,
    `
    switchyard trace 1187
    switchyard trace https://chat.example.com/app/accounts/3/conversations/1187
    switchyard trace contact 4821 --account 3
    switchyard trace 0b6d3c1e-6f0e-4a5c-9a47-2f1f3b1f7f11 --json`,
  ).action(async (what: string[], options) => {
    await run(options, async (context) => (await import('./trace.ts')).trace(what, options, context));
  });
}
