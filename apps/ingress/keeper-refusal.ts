/**
 * What an enqueue that failed says: `away` is about Redis, `broken` about a queue that takes nothing at all until
 * somebody mends it, `poison` about what it was given.
 */
export type Refusal = 'away' | 'broken' | 'poison';

/**
 * Answers of a Redis that can't take anything at the moment, whatever it is. From Redis 7 on the code comes first;
 * before that a script's error had it in the middle (`ERR Error running script …: -READONLY You can't write …`).
 */
const NOT_NOW =
  /(?:^|[\s:-])(READONLY|OOM|LOADING|MASTERDOWN|CLUSTERDOWN|TRYAGAIN|MOVED|ASK|BUSY|MISCONF|NOREPLICAS|NOSCRIPT|NOAUTH|WRONGPASS|NOPERM|UNBLOCKED|EXECABORT)\b/;

/** What Redis says without a code of its own. */
const NOT_NOW_WORDS = /max number of clients|unknown command|server is shutting down|DENIED/i;

/**
 * No answer, no connection and a Redis that takes nothing are its own affair and pass. Any other answer is one to
 * what it was given, and giving the same again would get the same.
 */
export function refusalOf(error: unknown): Refusal {
  if (!(error instanceof Error)) return 'away';
  if (Reflect.get(error, 'code') === 'DELIVERY_REFUSED') return 'poison';
  if (Reflect.get(error, 'code') === 'QUEUE_BROKEN') return 'broken';
  if (error.name !== 'ReplyError') return 'away';
  return NOT_NOW.test(error.message) || NOT_NOW_WORDS.test(error.message) ? 'away' : 'poison';
}
