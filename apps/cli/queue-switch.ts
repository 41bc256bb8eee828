import { createQueueSwitch } from '@switchyard/jobs';
import type { CommandContext } from './context.ts';
import { assertQueue } from './dead-target.ts';
import { EXIT, type ExitCode } from './exit.ts';
import { withLine } from './open-line.ts';

export function pauseQueue(queue: string, context: CommandContext): Promise<ExitCode> {
  return turn(queue, true, context);
}

export function resumeQueue(queue: string, context: CommandContext): Promise<ExitCode> {
  return turn(queue, false, context);
}

/** Repeating it changes nothing and is no fault. */
function turn(queue: string, paused: boolean, { terminal }: CommandContext): Promise<ExitCode> {
  return withLine(async ({ redis, queues, config }) => {
    assertQueue(queue, queues);
    const turnout = createQueueSwitch({ redis, queues, shards: config.shards });
    const before = await turnout.paused(queue);
    await (paused ? turnout.pause(queue) : turnout.resume(queue));
    terminal.result({ queue, paused, before }, () => {
      const { green, yellow, dim } = terminal.colors;
      if (paused) {
        terminal.line(
          `${yellow('‖')} ${queue} ${before ? 'was paused already' : 'is paused'}: jobs in hand are finished, others wait`,
        );
        terminal.note(dim(`Let it go on: switchyard resume ${queue}`));
      } else terminal.line(`${green('▶')} ${queue} ${before ? 'goes on' : 'was not paused'}`);
    });
    return EXIT.ok;
  });
}
