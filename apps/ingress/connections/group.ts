/**
 * What a connection is at. `idle`: nothing was asked, and it has never brought a delivery that was verified;
 * `idle-sender`: it has; `arriving`: the headers of a request are there; `arrived`: all of it.
 */
export type Standing = 'idle' | 'idle-sender' | 'arriving' | 'arrived';

/** One that was opened just now is about to ask. */
const FRESH_MS = 1_000;

/** Connections by what they are at, each kind in the order in which they came to it: every question is O(1). */
export interface Group<Member> {
  readonly size: number;
  /** Adds it, or moves it: as the last of its new standing. */
  put(member: Member, standing: Standing): void;
  remove(member: Member): void;
  /**
   * Who goes first when there is no place left: who has been idle longest without ever having brought a delivery;
   * where all of these are fresh, whoever of them and of those that arrive has been at it longest; then a sender's
   * idle connection. Nobody whose request has arrived.
   */
  least(): Member | undefined;
}

export function createGroup<Member>(now: () => number = () => performance.now()): Group<Member> {
  const since = new Map<Member, { readonly standing: Standing; readonly at: number }>();
  const by: Readonly<Record<Standing, Set<Member>>> = {
    idle: new Set(),
    'idle-sender': new Set(),
    arriving: new Set(),
    arrived: new Set(),
  };
  function remove(member: Member): void {
    const known = since.get(member);
    if (known === undefined) return;
    by[known.standing].delete(member);
    since.delete(member);
  }
  const atOf = (member: Member | undefined) =>
    (member === undefined ? undefined : since.get(member)?.at) ?? Number.POSITIVE_INFINITY;
  return {
    get size() {
      return since.size;
    },
    put(member, standing) {
      remove(member);
      since.set(member, { standing, at: now() });
      by[standing].add(member);
    },
    remove,
    least() {
      const [idle] = by.idle;
      const [arriving] = by.arriving;
      if (idle !== undefined && now() - atOf(idle) > FRESH_MS) return idle;
      if (arriving !== undefined && atOf(arriving) < atOf(idle)) return arriving;
      const [sender] = by['idle-sender'];
      return by.idle.size > 1 ? idle : (sender ?? idle);
    },
  };
}
