/** How long an answer is good: a switch is to be felt at once, and Redis not to be asked for each message. */
const CACHED_MS = 1_000;

/** Whether somebody has turned the bot off, asked at most once a second and once for all jobs of that moment. */
export function createBotIsOff(
  read: () => Promise<{ readonly on: boolean }>,
  now: () => number = Date.now,
): () => Promise<boolean> {
  let asked: { readonly at: number; readonly off: Promise<boolean> } | null = null;
  return () => {
    if (asked !== null && now() - asked.at < CACHED_MS) return asked.off;
    const entry = { at: now(), off: read().then(({ on }) => !on) };
    asked = entry;
    entry.off.catch(() => {
      if (asked === entry) asked = null;
    });
    return entry.off;
  };
}
