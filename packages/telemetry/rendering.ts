/** What takes long to make and may be a second old; however many ask for it. */
export interface Rendering {
  latest(): Promise<string>;
}

const EVERY_MS = 1_000;
/** Who asks after so many others is answered with the next one, so that asking faster gets nothing sooner. */
const EACH_FOR = 16;

export function createRendering(
  render: () => Promise<string>,
  now: () => number = () => performance.now(),
): Rendering {
  let renderedAt = Number.NEGATIVE_INFINITY;
  let rendered: Promise<string> = Promise.resolve('');
  let askedFor = 0;
  let next: Promise<string> | null = null;

  function fresh(): Promise<string> {
    renderedAt = now();
    askedFor = 0;
    rendered = render();
    // A failed one is nobody's answer but theirs who wait for it.
    rendered.catch(() => {
      renderedAt = Number.NEGATIVE_INFINITY;
    });
    return rendered;
  }

  function following(): Promise<string> {
    next ??= new Promise<string>((resolve, reject) => {
      setTimeout(
        () => {
          next = null;
          fresh().then(resolve, reject);
        },
        Math.max(0, renderedAt + EVERY_MS - now()),
      );
    });
    return next;
  }

  return {
    latest() {
      if (next !== null) return next;
      if (now() - renderedAt >= EVERY_MS) return fresh();
      askedFor += 1;
      return askedFor <= EACH_FOR ? rendered : following();
    },
  };
}
