import { SingleBar } from 'cli-progress';
import type { Terminal } from './terminal.ts';

/** How far long work is, drawn on a terminal and nowhere else. */
export interface Progress {
  /** `of` may change on the way. */
  update(seen: number, of: number): void;
  stop(): void;
}

export function startProgress(terminal: Terminal, label: string): Progress {
  if (!terminal.drawsProgress) return { update() {}, stop() {} };
  const bar = new SingleBar({
    format: `${label} {bar} {value}/{total}  {eta_formatted} left`,
    barCompleteChar: '━',
    barIncompleteChar: '─',
    barsize: 30,
    hideCursor: true,
    clearOnComplete: true,
    // Ctrl-C is the command's: it stops between two batches and says what was done.
    gracefulExit: false,
  });
  let begun = false;
  return {
    update(seen, of) {
      if (!begun) bar.start(of, seen);
      else {
        bar.setTotal(of);
        bar.update(seen);
      }
      begun = true;
    },
    stop() {
      if (begun) bar.stop();
    },
  };
}
