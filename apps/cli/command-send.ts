import { type Command, InvalidArgumentError } from 'commander';
import type { Run } from './context.ts';
import { everyCommand, parseCount, parseWebAddress } from './options.ts';

export function addSend(program: Command, run: Run): void {
  const command = program
    .command('send')
    .description('Post a sample payload or a file to an ingress, signed as Chatwoot signs.')
    .argument('[payload]', 'the name of a sample (--list has them) or a JSON file')
    .option('--list', 'list the samples')
    .option('--url <address>', 'the ingress', parseWebAddress, 'http://127.0.0.1:3000')
    .option('--source <name>', 'post to this source, with its secret', 'default')
    .option('--delivery <id>', 'the delivery id, instead of a fresh one', parseDeliveryId)
    .option('--set <path=value>', 'change the payload: conversation.id=42 (may be repeated)', collect, [])
    .option('--repeat <n>', 'post it so many times', parseCount, 1)
    .option('--unsigned', 'post without a signature');
  everyCommand(
    command,
    `
    switchyard send --list
    switchyard send nothing                      # takes no effect: is the ingress there, is the secret right?
    switchyard send message_created --set conversation.id=42 --set id=9001
    switchyard send payload.json --url https://switchyard.example.com
    switchyard send message_created --repeat 3   # the first is accepted, the others are duplicates`,
  ).action(async (payload: string | undefined, options) => {
    await run(options, async (context) => (await import('./send.ts')).send(payload, options, context));
  });
}

function collect(value: string, before: readonly string[]): string[] {
  if (!/^[\w.]+=/.test(value))
    throw new InvalidArgumentError('Expected path=value, such as conversation.id=42.');
  return [...before, value];
}

/** Others are not taken for an id by the ingress (contract §1.1). */
function parseDeliveryId(text: string): string {
  if (/^[\w.-]{1,100}$/.test(text)) return text;
  throw new InvalidArgumentError('Expected letters, digits, and . _ - only, at most 100.');
}
