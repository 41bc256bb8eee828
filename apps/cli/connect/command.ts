import type { Command } from 'commander';
import type { Run } from '../context.ts';
import { everyCommand, parseId, parseList, parseWebAddress } from '../options.ts';

export function addConnect(program: Command, run: Run): void {
  const command = program
    .command('connect')
    .description('Make Chatwoot post to this Switchyard: the webhook, its secret, optionally an agent bot.')
    .requiredOption('--account <id>', 'the Chatwoot account', parseId)
    .requiredOption('--url <address>', 'where Chatwoot reaches the ingress', parseWebAddress)
    .option('--source <name>', 'the source these deliveries belong to', 'default')
    .option('--name <text>', "the webhook's name in Chatwoot", 'Switchyard')
    .option('--events <names>', 'subscribe to these instead of what the configuration needs', parseList)
    .option('--replace <id>', 'change this webhook instead of making one', parseId)
    .option('--bot <name>', 'also make an agent bot of this name, or take the one there is')
    .option('--inbox <id>', 'the inbox the bot is attached to', parseId)
    .option('--bot-url <address>', 'where the bot posts to, when not --url', parseWebAddress)
    .option('--replace-bot', 'take the place of another bot of the inbox')
    .option('--no-verify', 'attach the bot without asking the ingress first')
    .option('--write-env <file>', 'write the secrets to this .env file instead of printing them');
  everyCommand(
    command,
    `
    switchyard connect --account 3 --url https://switchyard.example.com
    switchyard connect --account 3 --url https://switchyard.example.com --write-env .env
    switchyard connect --account 3 --url https://switchyard.example.com --bot Switchyard --inbox 12`,
  ).action(async (options) => {
    await run(options, async (context) => (await import('./connect.ts')).connect(options, context));
  });
}
