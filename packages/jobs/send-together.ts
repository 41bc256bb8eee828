import type { Redis } from 'ioredis';

/** So many, and Redis begins on them while we make the next. */
const MOST_TOGETHER = 8;

/**
 * Commands of the same turn of the event loop go out in one write, a few at a time: a write each costs a busy worker
 * more than making the command does, and Redis reads, answers and logs each for itself. Of ioredis's two ways to
 * do so, a pipeline that was answered in part when its connection broke fails where single commands are sent again, and
 * auto-pipelining, which makes such pipelines, holds the next commands back until the last have been answered.
 */
export function sendTogether(client: Redis): Redis {
  const sendCommand = client.sendCommand.bind(client);
  let held: Redis['stream'] | null = null;
  let waiting = 0;
  let due = false;

  function release(): void {
    held?.uncork();
    held = null;
    waiting = 0;
  }

  function releaseThisTurn(): void {
    if (due) return;
    due = true;
    setImmediate(() => {
      due = false;
      release();
    });
  }

  client.sendCommand = (command, stream) => {
    if (client.status !== 'ready') return sendCommand(command, stream);
    // After a reconnect it is another one; what the old one holds is sent again by ioredis.
    if (held !== client.stream) {
      release();
      held = client.stream;
      held.cork();
      releaseThisTurn();
    }
    const answer = sendCommand(command, stream);
    waiting += 1;
    if (waiting === MOST_TOGETHER) release();
    return answer;
  };
  return client;
}
