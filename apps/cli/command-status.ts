import type { Command } from 'commander';
import type { Run } from './context.ts';
import { everyCommand, parseAge, parseWebAddress } from './options.ts';

export function addStatus(program: Command, run: Run): void {
  const command = program
    .command('status')
    .description('The queues at a glance, and what needs somebody. Exits 1 when something does.')
    .option('--quiet', 'say only what needs somebody')
    .option('--slow <age>', 'how old the oldest waiting job may be', parseAge, 15 * 60_000)
    .option('--admin <address>', "the ingress's admin address (ADMIN_PORT), for its spool", parseWebAddress);
  everyCommand(
    command,
    `
    switchyard status
    switchyard status --admin http://127.0.0.1:9100
    switchyard status --quiet || notify-somebody`,
  ).action(async (options) => {
    await run(options, async (context) => (await import('./status.ts')).status(options, context));
  });
}
