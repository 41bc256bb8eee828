import type { Readable } from 'node:stream';
import type { BodyBudget } from './body-budget.ts';
import { BodyRefused } from './body-refused.ts';
import type { Pace } from './pace.ts';

/** A body that comes in so many pieces, of so few bytes on average, costs far more than it says. */
const MANY_PIECES = 64;
const CRUMB_BYTES = 128;

/**
 * The bytes of a body, within the budget. `declared` is its Content-Length; null where it comes in chunks.
 *
 * @throws {BodyRefused}
 */
export function readBody(
  stream: Readable,
  declared: number | null,
  bodyBytes: number,
  budget: BodyBudget,
  pace: Pace,
): Promise<Buffer> {
  if (declared !== null && declared > bodyBytes) return Promise.reject(new BodyRefused('too-large'));
  const answer = Promise.withResolvers<Buffer>();
  const body = budget.open(fail, declared ?? bodyBytes);
  let pieces = 0;

  function fail(error: BodyRefused): void {
    leave();
    body.release();
    answer.reject(error);
  }
  function data(chunk: Buffer): void {
    try {
      body.add(chunk);
    } catch (error) {
      fail(error instanceof BodyRefused ? error : new BodyRefused('cut-off'));
      return;
    }
    pieces += 1;
    if (pieces > MANY_PIECES && body.length < pieces * CRUMB_BYTES) {
      fail(new BodyRefused('unfinished'));
      return;
    }
    pace.read(stream, chunk.length, body.length);
    // Not a moment longer among the unfinished than need be.
    if (body.length === declared) done();
  }
  function done(): void {
    leave();
    answer.resolve(body.take());
  }
  const cutOff = () => fail(new BodyRefused('cut-off'));
  function leave(): void {
    pace.forget(stream);
    stream.off('data', data).off('end', done).off('close', cutOff);
  }
  stream.on('error', cutOff).on('close', cutOff).on('end', done).on('data', data);
  return answer.promise;
}
