import { spokenVersions, type Version } from '@switchyard/testkit';

/** One way a Chatwoot can be set up. */
export interface Cell {
  readonly version: Version;
  /** The inbox has our agent bot, as `connect --bot` attaches it. */
  readonly bot: boolean;
  /** The agents of the inbox are online. */
  readonly online: boolean;
  /** The inbox assigns by itself: with the creation in 4.10, by its policy since. */
  readonly inboxAssigns: boolean;
  /** Teams assign by themselves. */
  readonly teamAssigns: boolean;
}

const both = [false, true] as const;

/** All 48, by version. */
export const cells: readonly Cell[] = spokenVersions.flatMap((version) =>
  both.flatMap((bot) =>
    both.flatMap((online) =>
      both.flatMap((inboxAssigns) =>
        both.map((teamAssigns) => ({ version, bot, online, inboxAssigns, teamAssigns })),
      ),
    ),
  ),
);

/** `4.16/bot/online/inbox/no-team` */
export function nameOf({ version, bot, online, inboxAssigns, teamAssigns }: Cell): string {
  return [
    version,
    bot ? 'bot' : 'no-bot',
    online ? 'online' : 'offline',
    inboxAssigns ? 'inbox' : 'no-inbox',
    teamAssigns ? 'team' : 'no-team',
  ].join('/');
}

/**
 * The cells of a name, in which `*` stands for either of a part: `4.16/bot/*\/inbox/*`.
 *
 * @throws {Error} there is none.
 */
export function cellsNamed(name: string): readonly Cell[] {
  const wanted = name.split('/');
  const found = cells.filter((cell) => {
    const parts = nameOf(cell).split('/');
    return wanted.length === parts.length && wanted.every((part, at) => part === '*' || part === parts[at]);
  });
  if (found.length > 0) return found;
  throw new Error(`no cell "${name}"; a cell is called as ${cells.map(nameOf).at(-1)}, and * stands for any`);
}
