type Kind = 'boolean' | 'number' | 'string' | 'array' | 'object';

/** What values look like at one place, put together from several of them. */
interface Shape {
  readonly kinds: Set<Kind>;
  readonly keys: Map<string, { readonly shape: Shape; count: number }>;
  /** How many objects `keys` comes of. */
  objects: number;
  items: Shape | null;
}

/**
 * Where `ours` differs from `theirs` in keys and types, by path; null goes with everything, an empty array with
 * every array, and a key that only some of several objects have may be there or not.
 */
export function shapeDifferences(theirs: readonly unknown[], ours: readonly unknown[]): readonly string[] {
  return compare('$', shapeOf(theirs), shapeOf(ours));
}

function shapeOf(values: readonly unknown[]): Shape {
  const shape = emptyShape();
  for (const value of values) add(shape, value);
  return shape;
}

function emptyShape(): Shape {
  return { kinds: new Set(), keys: new Map(), objects: 0, items: null };
}

function add(shape: Shape, value: unknown): void {
  if (value === null || value === undefined) return;
  const kind = kindOf(value);
  shape.kinds.add(kind);
  if (Array.isArray(value)) {
    for (const item of value) {
      shape.items ??= emptyShape();
      add(shape.items, item);
    }
  } else if (kind === 'object') {
    shape.objects += 1;
    for (const [key, inner] of Object.entries(value)) {
      const known = shape.keys.get(key) ?? { shape: emptyShape(), count: 0 };
      known.count += 1;
      shape.keys.set(key, known);
      add(known.shape, inner);
    }
  }
}

function kindOf(value: unknown): Kind {
  if (Array.isArray(value)) return 'array';
  const kind = typeof value;
  return kind === 'boolean' || kind === 'number' || kind === 'string' ? kind : 'object';
}

function compare(path: string, theirs: Shape, ours: Shape): readonly string[] {
  if (theirs.kinds.size === 0 || ours.kinds.size === 0) return [];
  const extra = [...ours.kinds].filter((kind) => !theirs.kinds.has(kind));
  if (extra.length > 0)
    return [`${path}: ${[...ours.kinds].join('|')} instead of ${[...theirs.kinds].join('|')}`];
  const found: string[] = [];
  if (theirs.items !== null && ours.items !== null)
    found.push(...compare(`${path}[]`, theirs.items, ours.items));
  if (theirs.objects === 0 || ours.objects === 0) return found;
  for (const [key, { shape, count }] of theirs.keys) {
    const own = ours.keys.get(key);
    if (own !== undefined) found.push(...compare(`${path}.${key}`, shape, own.shape));
    else if (count === theirs.objects) found.push(`${path}.${key}: missing`);
  }
  for (const key of ours.keys.keys()) {
    if (!theirs.keys.has(key)) found.push(`${path}.${key}: too much`);
  }
  return found;
}
