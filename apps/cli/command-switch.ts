import type { Command } from 'commander';
import type { Run } from './context.ts';
import { everyCommand } from './options.ts';

export function addSwitch(program: Command, run: Run): void {
  const pause = program
    .command('pause')
    .description('Stop a queue: jobs in hand are finished, what comes meanwhile waits.')
    .argument('<queue>', 'crm-sync, bot-replies, routing, or the name of a custom worker');
  everyCommand(pause, 'switchyard pause crm-sync').action(async (queue: string, options) => {
    await run(options, async (context) => (await import('./queue-switch.ts')).pauseQueue(queue, context));
  });

  const resume = program
    .command('resume')
    .description('Let a paused queue go on.')
    .argument('<queue>', 'crm-sync, bot-replies, routing, or the name of a custom worker');
  everyCommand(resume, 'switchyard resume crm-sync').action(async (queue: string, options) => {
    await run(options, async (context) => (await import('./queue-switch.ts')).resumeQueue(queue, context));
  });
}
