/** A release of Chatwoot, as `GET /api` tells it (contract [R] 10). */
export interface ChatwootVersion {
  /** As Chatwoot wrote it. */
  readonly text: string;
  readonly numbers: readonly [major: number, minor: number, patch: number];
}

/** null for what is no version: a fork may write anything there. What stands behind the numbers does not count. */
export function parseVersion(text: string): ChatwootVersion | null {
  const [, major, minor, patch] = /^v?(\d{1,4})\.(\d{1,4})(?:\.(\d{1,4}))?/.exec(text) ?? [];
  if (major === undefined || minor === undefined) return null;
  return { text, numbers: [Number(major), Number(minor), Number(patch ?? 0)] };
}

/** Whether it is that release or a later one. */
export function isAtLeast(version: ChatwootVersion, since: string): boolean {
  const wanted = parseVersion(since);
  if (wanted === null) throw new TypeError(`${since} is no version`);
  const apart = version.numbers.map((number, at) => number - (wanted.numbers[at] ?? 0));
  return (apart.find((each) => each !== 0) ?? 0) >= 0;
}
