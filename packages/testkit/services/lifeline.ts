import { spawn } from 'node:child_process';
import { rmSync } from 'node:fs';

// One listener for all children: Node warns of a leak from the eleventh listener on.
const endings = new Set<() => void>();
const endAll = () => {
  for (const end of endings) end();
};

/** Ties a child to this process; `cut` unties it, once the child is gone. */
export interface Lifeline {
  cut(): void;
}

/**
 * Makes sure a child ends when this process does, however that comes about, and that its folder goes with it.
 * An `exit` hook sees an ordinary end and an uncaught exception. It sees neither `kill -9` nor a signal nobody
 * listens to, so a small shell also waits on a pipe that only we hold: when we are gone it reads the end of
 * the pipe and does the same. The shell has a session of its own, so Ctrl-C doesn't end it before its time.
 *
 * @param pid the child
 * @param folder a temporary folder that only this child uses
 */
export function tieToParent(pid: number, folder?: string): Lifeline {
  const end = () => {
    killQuietly(pid);
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  };
  if (endings.size === 0) process.on('exit', endAll);
  endings.add(end);
  const stopWatching = process.platform === 'win32' ? () => {} : watchFromOutside(pid, folder);
  return {
    cut() {
      endings.delete(end);
      if (endings.size === 0) process.off('exit', endAll);
      stopWatching();
    },
  };
}

function watchFromOutside(pid: number, folder: string | undefined): () => void {
  const script = 'read -r _; kill -KILL "$1" 2>/dev/null; [ -z "$2" ] || { sleep 0.2; rm -rf "$2"; }';
  const watcher = spawn('/bin/sh', ['-c', script, 'lifeline', String(pid), folder ?? ''], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  // Without a shell the exit hook is all there is.
  watcher.on('error', () => {});
  watcher.stdin.on('error', () => {});
  watcher.unref();
  return () => watcher.kill('SIGKILL');
}

function killQuietly(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It ended before us.
  }
}
