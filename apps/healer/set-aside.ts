import { CallFailure, isAccountShut } from '@switchyard/chatwoot';

/** What a round could not do and went on without: a job, an inbox or an account. Bounded labels. */
export const SET_ASIDE = ['job', 'inbox', 'account'] as const;

export interface SetAside {
  readonly what: (typeof SET_ASIDE)[number];
  readonly count: number;
  /** Of the last one. */
  readonly err: unknown;
}

/** What a round sets aside, so that the failure of one thing is not the end of the others. The next round tries again. */
export interface Aside {
  /** @throws the failure where it is everything's: the round is over. */
  set(what: SetAside['what'], error: unknown): void;
  /** After something that went well. */
  wentWell(): void;
  all(): readonly SetAside[];
}

/** So many failures that nobody can explain, one after the other, are no matter of one thing. */
const TOO_MANY = 5;

export function createAside(): Aside {
  const all = new Map<SetAside['what'], SetAside>();
  let unexplained = 0;
  return {
    set(what, error) {
      unexplained = error instanceof CallFailure ? 0 : unexplained + 1;
      if (holdsAll(error) || unexplained >= TOO_MANY) throw error;
      all.set(what, { what, count: (all.get(what)?.count ?? 0) + 1, err: error });
    },
    wentWell() {
      unexplained = 0;
    },
    all: () => [...all.values()],
  };
}

/** The token is refused, or Chatwoot is away: nothing else would go better. */
function holdsAll(error: unknown): boolean {
  return error instanceof CallFailure && error.scope === 'target' && !isAccountShut(error);
}
