import { createHash } from 'node:crypto';
import type { FakeChatwoot } from '@switchyard/testkit';
import { z } from 'zod';

type Attempt = ReturnType<FakeChatwoot['deliveries']>[number];

/** Tells how the first attempt of each event's delivery went, to whoever awaits it. */
export interface DeliveryDesk {
  /** Ask in the same turn of the event loop in which the event was caused. */
  delivered(event: string, subject: string): Promise<Attempt>;
  /** All attempts so far, of whatever event. */
  readonly attempts: number;
  readonly acknowledged: number;
  /**
   * All ids that the event of a delivery may be known by: an agent bot hears of it too, under an id of its own, and
   * a delivery without one is named by its body.
   */
  idsOf(delivery: string): readonly string[];
  close(): void;
}

const bodySchema = z.looseObject({ event: z.string(), id: z.number(), name: z.string().nullish() });

/** What an event is about: a contact is told apart by its name too, for it may change often. */
export const contactSubject = (id: number, name: string) => `${id} ${name}`;

export function createDeliveryDesk(chatwoot: FakeChatwoot): DeliveryDesk {
  const waiting = new Map<string, (attempt: Attempt) => void>();
  const byKey = new Map<string, string[]>();
  const keyOf = new Map<string, string>();
  let read = 0;
  let acknowledged = 0;
  let scheduled = false;

  // Attempts come by the thousand and asking for them copies them all, so once a turn.
  function look(): void {
    scheduled = false;
    const attempts = chatwoot.deliveries();
    for (const attempt of attempts.slice(read)) {
      if (attempt.status === 200) acknowledged += 1;
      if (attempt.kind !== 'manual') settle(attempt);
    }
    read = attempts.length;
  }

  function settle(attempt: Attempt): void {
    const body = bodySchema.safeParse(JSON.parse(attempt.body)).data;
    if (body === undefined) return;
    const { event, id, name } = body;
    const subject = event === 'contact_updated' ? contactSubject(id, name ?? '') : String(id);
    const key = `${event} ${subject}`;
    const ids = byKey.get(key) ?? [];
    byKey.set(key, ids);
    ids.push(attempt.id, bodyId(attempt.body));
    keyOf.set(attempt.id, key);
    if (attempt.kind !== 'account') return;
    waiting.get(key)?.(attempt);
    waiting.delete(key);
  }

  const off = chatwoot.on('change', (kind) => {
    if (kind !== 'delivery' || scheduled) return;
    scheduled = true;
    setImmediate(look);
  });
  return {
    delivered: (event, subject) => new Promise((resolve) => waiting.set(`${event} ${subject}`, resolve)),
    get attempts() {
      return read;
    },
    get acknowledged() {
      return acknowledged;
    },
    idsOf: (delivery) => byKey.get(keyOf.get(delivery) ?? '') ?? [],
    close: off,
  };
}

function bodyId(body: string): string {
  return `body-${createHash('sha256').update(body).digest('hex').slice(0, 32)}`;
}
