import { VERSION } from '@switchyard/telemetry';
import { Command } from 'commander';
import { addBot } from './bot/command.ts';
import { addDead } from './command-dead.ts';
import { addSend } from './command-send.ts';
import { addStatus } from './command-status.ts';
import { addSwitch } from './command-switch.ts';
import { addTrace } from './command-trace.ts';
import { addConnect } from './connect/command.ts';
import type { Run } from './context.ts';
import { addDoctor } from './doctor/command.ts';
import { addRehearse } from './rehearse/command.ts';

/** The command line as it is written; what a command does is loaded when it runs. */
export function createProgram(run: Run): Command {
  const program = new Command('switchyard')
    .description('Connect, check and operate a Switchyard.')
    .version(VERSION)
    .configureHelp({ sortSubcommands: false, showGlobalOptions: false })
    .showSuggestionAfterError()
    .showHelpAfterError('Run it with --help for what it takes.')
    .exitOverride()
    .addHelpText('after', EXIT_CODES);
  addConnect(program, run);
  addDoctor(program, run);
  addRehearse(program, run);
  addStatus(program, run);
  addTrace(program, run);
  addDead(program, run);
  addSwitch(program, run);
  addBot(program, run);
  addSend(program, run);
  for (const command of program.commands)
    for (const each of [command, ...command.commands]) each.exitOverride();
  return program;
}

const EXIT_CODES = `
Exit codes: 0 done and well, 1 something is wrong, 2 wrong usage or configuration, 3 not found,
4 unreachable, 5 not allowed by Chatwoot, 6 the job is not dead, 70 a fault in switchyard, 130 Ctrl-C.

It reads the same environment and config file as the apps (docs/configuration.md).`;
