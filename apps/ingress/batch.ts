/**
 * Gathers what arrives while the one before is under way and hands it over together, in order, one batch at a
 * time. So many deliveries share one trip to Redis, and none overtakes an earlier one.
 */
export interface Batch<Item, Answer> {
  /** Settles with the answer for this item, or rejects with what its batch failed with. */
  add(item: Item): Promise<Answer>;
  /** Resolves when nothing is under way any more. */
  idle(): Promise<void>;
}

export interface BatchSettings<Item, Answer> {
  /** As many answers as items, in the same order. */
  readonly handle: (items: readonly Item[]) => Promise<readonly Answer[]>;
  readonly largest: number;
}

interface Waiting<Item, Answer> {
  readonly item: Item;
  resolve(answer: Answer): void;
  reject(error: unknown): void;
}

export function createBatch<Item, Answer>({
  handle,
  largest,
}: BatchSettings<Item, Answer>): Batch<Item, Answer> {
  let waiting: Waiting<Item, Answer>[] = [];
  let running: Promise<void> | null = null;

  async function run(): Promise<void> {
    // The rest of this turn of the event loop joins the first batch.
    await new Promise((resolve) => setImmediate(resolve));
    while (waiting.length > 0) {
      const batch = waiting.splice(0, largest);
      try {
        const answers = await handle(batch.map(({ item }) => item));
        batch.forEach(({ resolve, reject }, index) => {
          const answer = answers[index];
          if (answer === undefined) reject(new Error('a batch was answered short'));
          else resolve(answer);
        });
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
    }
    running = null;
  }

  return {
    add(item) {
      const answered = new Promise<Answer>((resolve, reject) => waiting.push({ item, resolve, reject }));
      running ??= run();
      return answered;
    },
    async idle() {
      while (running !== null) await running;
      waiting = [];
    },
  };
}
