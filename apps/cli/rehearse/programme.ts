import { type CommandFailure, failureOf } from '../command-failure.ts';
import type { CommandContext } from '../context.ts';
import { EXIT, type ExitCode } from '../exit.ts';
import { tellRow, tellVerdict } from './report.ts';
import { type Row, skipped } from './row.ts';
import type { Stage } from './stage.ts';

/** The rows, told as they come, and the verdict. */
export interface Programme {
  show(row: Row): void;
  /** What was tried. What an interruption cut short is no fault. */
  showTried(row: Row): void;
  /** @returns what broke the rehearsal off; null where that was the interruption. */
  brokenOff(error: unknown): CommandFailure | null;
  end(stage: Stage | null, version: string | null): ExitCode;
}

export function createProgramme(account: number, { terminal, signal }: CommandContext): Programme {
  const rows: Row[] = [];
  function show(row: Row): void {
    rows.push(row);
    if (!terminal.json) tellRow(row, terminal);
  }
  return {
    show,
    showTried(row) {
      show(signal.aborted && row.status === 'fail' ? skipped(row.name, 'interrupted') : row);
    },
    brokenOff(error) {
      const failure = failureOf(error);
      if (!signal.aborted || failure.exit === EXIT.fault) return failure;
      show(skipped('the rest', 'interrupted'));
      return null;
    },
    end(stage, version) {
      const place = {
        account,
        inbox: stage?.inbox.id ?? null,
        bot: stage !== null && stage.bot !== null,
        version,
        interrupted: signal.aborted,
      };
      tellVerdict(rows, place, terminal);
      if (signal.aborted) return EXIT.interrupted;
      return rows.some(({ status }) => status === 'fail') ? EXIT.problem : EXIT.ok;
    },
  };
}
