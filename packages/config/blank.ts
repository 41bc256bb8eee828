/** An unset variable and an empty one are the same: compose files and CI set empty ones. */
export function blankIsUnset(value: unknown): unknown {
  return typeof value === 'string' && value.trim() === '' ? undefined : value;
}
