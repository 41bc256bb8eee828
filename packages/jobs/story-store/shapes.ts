import { hash } from 'node:crypto';
import { storyShapesKey } from '../keys.ts';
import type { RedisConnection } from '../redis.ts';

/** A shape gets a number when a process has met it so often; what never comes again must not fill the list. */
const OFTEN = 3;
/** Of all shards' lists each; what comes beyond tells its story in full. */
const MOST = 10_000;
/** How many shapes a process counts before it begins anew. */
const COUNTED = 5_000;

const INTERN = `
-- KEYS[1]: prefix. ARGV: shape, its digest. Answers its number, or 0 when there are enough.
local key = KEYS[1] .. ':story-shapes'
local known = redis.call('HGET', key, '=' .. ARGV[2])
if known then return tonumber(known) end
if tonumber(redis.call('HGET', key, 'next') or 0) >= ${MOST} then return 0 end
local id = redis.call('HINCRBY', key, 'next', 1)
redis.call('HSET', key, '=' .. ARGV[2], id, id, ARGV[1])
return id
`;

export interface Shapes {
  /** Its number; null while it has none. Asks for one, for the next time, when it is met often. */
  idOf(shape: string): number | null;
}

export function createShapes(redis: RedisConnection, prefix: string): Shapes {
  const run = redis.script('switchyardInternShape', INTERN);
  const known = new Map<string, number | null>();
  const met = new Map<string, number>();
  // It may be another Redis, or one that was set back.
  redis.client.on('close', () => known.clear());

  function ask(shape: string): void {
    known.set(shape, null);
    const digest = hash('sha256', shape, 'base64url');
    run(prefix, [shape, digest]).then(
      (id) => void (Number(id) > 0 && known.set(shape, Number(id))),
      // Away or full: the story is told in full meanwhile.
      () => void known.delete(shape),
    );
  }

  return {
    idOf(shape) {
      const id = known.get(shape);
      if (id !== undefined) return id;
      const times = (met.get(shape) ?? 0) + 1;
      if (met.size >= COUNTED) met.clear();
      met.set(shape, times);
      if (times >= OFTEN) ask(shape);
      return null;
    },
  };
}

/** The shapes of these numbers; one that nobody knows is left out. @throws when Redis is away. */
export async function readShapes(
  { client }: Pick<RedisConnection, 'client'>,
  prefix: string,
  ids: ReadonlySet<number>,
): Promise<Map<number, string>> {
  if (ids.size === 0) return new Map();
  const wanted = [...ids];
  const shapes = await client.hmget(storyShapesKey(prefix), ...wanted.map(String));
  return new Map(
    wanted.flatMap((id, index): [number, string][] => {
      const shape = shapes[index] ?? null;
      return shape === null ? [] : [[id, shape]];
    }),
  );
}
