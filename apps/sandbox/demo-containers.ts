import { lookup } from 'node:dns/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Board } from './board.ts';
import type { ProcessState } from './view.ts';

const apps = ['ingress', 'crm-sync', 'bot-replies', 'routing', 'healer'];
const adminPort = 9100;
const everyMs = 1_000;
const answerMs = 2_000;

/** Keeps the state of the apps' containers on the board, all replicas of one together. */
export function watchContainers(board: Board): { close(): Promise<void> } {
  const ended = new AbortController();
  const watch = async (name: string) => {
    while (!ended.signal.aborted) {
      const { state, detail } = await look(name);
      board.set(`process/${name}`, {
        name,
        kind: 'app',
        state,
        detail,
        pid: null,
        restarts: 0,
        troubles: 0,
      });
      await sleep(everyMs, undefined, { signal: ended.signal }).catch(() => undefined);
    }
  };
  const watching = Promise.all(apps.map(watch));
  return {
    async close() {
      ended.abort();
      await watching;
    },
  };
}

/** A container that does not run has no address. */
async function look(name: string): Promise<{ readonly state: ProcessState; readonly detail: string }> {
  const addresses = await lookup(name, { all: true, family: 4 }).catch(() => []);
  if (addresses.length === 0) return { state: 'down', detail: 'its container does not run' };
  const ready = await Promise.all(addresses.map(({ address }) => isReady(address)));
  const well = ready.filter((each) => each).length;
  const detail = ready.length === 1 ? 'one container' : `${well} of ${ready.length} containers are ready`;
  return { state: well === ready.length ? 'ready' : 'not-ready', detail };
}

async function isReady(address: string): Promise<boolean> {
  try {
    const answer = await fetch(`http://${address}:${adminPort}/readyz`, {
      signal: AbortSignal.timeout(answerMs),
    });
    await answer.body?.cancel();
    return answer.ok;
  } catch {
    return false;
  }
}
