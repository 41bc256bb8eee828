/**
 * A Redis at its `maxmemory` refuses a script at its first write that may take memory, and lets a script that has
 * written something go on to its end. So a script that begins with this can do its work there: those that work off
 * jobs, which in the end give memory back. What enters new work must not begin with it.
 *
 * Redis 7 has a flag for that, `#!lua flags=allow-oom`; this also works with those before. Nothing is replicated of it.
 */
export const WRITES_WHEN_FULL = `
redis.call('DEL', KEYS[1] .. ':nothing')
`;
