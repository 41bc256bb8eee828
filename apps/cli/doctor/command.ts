import type { Command } from 'commander';
import type { Run } from '../context.ts';
import { everyCommand, parseId, parseWebAddress } from '../options.ts';

export function addDoctor(program: Command, run: Run): void {
  const command = program
    .command('doctor')
    .description(
      'Check everything that can be wrong, and say how to mend it. Changes nothing. Exits 1 when a check fails.',
    )
    .option(
      '--url <address>',
      'where Chatwoot reaches the ingress: what the webhook has to point at',
      parseWebAddress,
    )
    .option(
      '--ingress <address>',
      'where the ingress is reached from here, when not at --url',
      parseWebAddress,
    )
    .option('--account <id>', 'look at this account only', parseId)
    .option('--admin <addresses...>', 'admin addresses (ADMIN_PORT) of apps to ask, too');
  everyCommand(
    command,
    `
    switchyard doctor
    switchyard doctor --url https://switchyard.example.com
    switchyard doctor --url https://switchyard.example.com --ingress http://127.0.0.1:3000 --admin http://127.0.0.1:9100
    switchyard doctor --json | jq '.checks[] | select(.status == "fail")'`,
  ).action(async (options) => {
    await run(options, async (context) => (await import('./doctor.ts')).doctor(options, context));
  });
}
