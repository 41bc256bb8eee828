/** The other side did not answer in time; whether it did what it was asked is unknown. */
class NoAnswer extends Error {
  override readonly name = 'NoAnswer';
  readonly code = 'NO_ANSWER';
}

/**
 * The answer, if it comes within `ms`.
 *
 * @throws {NoAnswer} otherwise, also when we stop before. The work itself goes on; its outcome is unknown.
 */
export function within<T>(work: Promise<T>, ms: number, stopping: AbortSignal): Promise<T> {
  const answer = Promise.withResolvers<T>();
  const stop = () => answer.reject(new NoAnswer('stopping'));
  const timer = setTimeout(() => {
    // Where our own event loop was held up, the answer may lie in the socket already: one look before ruling.
    setImmediate(() => answer.reject(new NoAnswer(`no answer within ${Math.round(ms)} ms`)));
  }, ms);
  stopping.addEventListener('abort', stop);
  if (stopping.aborted) stop();
  work.then(answer.resolve, answer.reject);
  return answer.promise.finally(() => {
    clearTimeout(timer);
    stopping.removeEventListener('abort', stop);
  });
}
