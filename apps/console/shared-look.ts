/** Something that costs, asked for by many at once: asks that come within `freshMs` get the same answer. */
export interface SharedLook<T> {
  look(): Promise<T>;
  /** Something was changed: the next look is a new one. */
  forget(): void;
}

export function shareLook<T>(
  take: () => Promise<T>,
  { freshMs }: { readonly freshMs: number },
): SharedLook<T> {
  let last: { readonly answer: Promise<T>; endedAt: number | null } | null = null;
  return {
    look() {
      const isFresh = last !== null && (last.endedAt === null || performance.now() - last.endedAt < freshMs);
      if (last !== null && isFresh) return last.answer;
      const taken: NonNullable<typeof last> = { answer: take(), endedAt: null };
      last = taken;
      taken.answer.then(
        () => {
          taken.endedAt = performance.now();
        },
        () => {
          if (last === taken) last = null;
        },
      );
      return taken.answer;
    },
    forget() {
      last = null;
    },
  };
}
