import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';

const delivery = z.looseObject({
  number: z.int(),
  event: z.string(),
  conversation: z.int().nullable(),
  status: z.int().nullable(),
  answer: z.string().nullable(),
  jobs: z.array(z.looseObject({ queue: z.string(), state: z.string() })),
});
const conversation = z.looseObject({
  id: z.int(),
  team: z.string().nullable(),
  messages: z.array(z.looseObject({ author: z.string(), text: z.string() })),
  lead: z.looseObject({ id: z.string() }).nullable(),
});
const patch = z.object({ set: z.record(z.string(), z.unknown()) });

type Delivery = z.output<typeof delivery>;
type Conversation = z.output<typeof conversation>;

/** The page of the demo, as a browser sees it; it also remembers what the page has dropped. */
export interface DemoPage {
  /** Writes as a customer, into a new conversation; resolves with its id. */
  write(customer: string, text: string): Promise<number>;
  deliveries(): readonly Delivery[];
  conversation(id: number): Conversation | null;
  close(): Promise<void>;
}

export async function openDemoPage(url: string): Promise<DemoPage> {
  const deliveries = new Map<number, Delivery>();
  const conversations = new Map<number, Conversation>();
  const closing = new AbortController();

  const take = (entries: Readonly<Record<string, unknown>>) => {
    for (const [key, value] of Object.entries(entries)) {
      if (key.startsWith('delivery/')) {
        const read = delivery.parse(value);
        deliveries.set(read.number, read);
      } else if (key.startsWith('conversation/')) {
        const read = conversation.parse(value);
        conversations.set(read.id, read);
      }
    }
  };
  const follow = async () => {
    const answer = await fetch(`${url}/api/events`, { signal: closing.signal });
    let rest = '';
    for await (const chunk of answer.body?.pipeThrough(new TextDecoderStream()) ?? []) {
      const blocks = (rest + chunk).split('\n\n');
      rest = blocks.pop() ?? '';
      for (const block of blocks) {
        const [, event, data = 'null'] = /^event: (\w+)\ndata: (.*)$/s.exec(block) ?? [];
        if (event === 'snapshot') take(z.record(z.string(), z.unknown()).parse(JSON.parse(data)));
        if (event === 'patch') take(patch.parse(JSON.parse(data)).set);
      }
    }
  };
  const following = (async () => {
    while (!closing.signal.aborted) {
      await follow().catch(() => undefined);
      await sleep(200, undefined, { signal: closing.signal }).catch(() => undefined);
    }
  })();

  return {
    async write(customer, text) {
      const answer = await fetch(`${url}/api/write`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ customer, text, conversation: null }),
        signal: AbortSignal.timeout(10_000),
      });
      return z.object({ conversation: z.int() }).parse(await answer.json()).conversation;
    },
    deliveries: () => [...deliveries.values()],
    conversation: (id) => conversations.get(id) ?? null,
    async close() {
      closing.abort();
      await following;
    },
  };
}
