/**
 * Values of a label that come from a user's own functions. The first `limit` keep their name and all later ones are
 * `other`, so that a function which puts an id into a label can't fill Prometheus.
 */
export function createBoundedLabel(limit = 100): (value: string) => string {
  const known = new Set<string>();
  return (value) => {
    if (!known.has(value)) {
      if (known.size >= limit) return 'other';
      known.add(value);
    }
    return value;
  };
}
