import { z } from 'zod';
import type { Board } from './board.ts';
import type { JobNews } from './job-news.ts';
import type { Answer, DeliveryView, JobView } from './view.ts';
import type { Passed, Passing } from './wire-tap.ts';

/** An effect somebody saw on the other side, to be put down to the delivery that caused it. */
export interface SeenEffect {
  readonly conversation: number;
  readonly queue: string;
  readonly text: string;
  /** Epoch milliseconds. */
  readonly at: number;
  /** The step's marker, which names the delivery; null where the other side keeps none. */
  readonly marker: string | null;
}

const mostDeliveries = 150;

/** The deliveries on the board: each one's answer, and the effects it had. */
export class DeliveryLog {
  readonly #board: Board;
  readonly #deliveries = new Map<number, DeliveryView>();
  readonly #sends = new Map<number, number>();
  readonly #byCustomer = new Set<number>();
  /** By delivery id and queue. News may come before the ingress's answer: the workers don't wait for it. */
  readonly #jobs = new Map<string, Map<string, JobView>>();
  #next = 1;

  constructor(board: Board) {
    this.#board = board;
  }

  /** The customer pressed send. Deliveries of the conversation are timed from here. */
  pressed(conversation: number, at: number): void {
    this.#sends.set(conversation, at);
  }

  pass(passing: Passing): (passed: Passed) => void {
    const number = this.#next;
    this.#next += 1;
    const { event, conversation, byCustomer } = readSubject(passing.body);
    if (byCustomer) this.#byCustomer.add(number);
    // One that was sent before is no answer to the customer's pressing send.
    const isRepeated = this.list().some(({ id }) => id === passing.deliveryId);
    const sentAt = conversation === null || isRepeated ? undefined : this.#sends.get(conversation);
    this.#put({
      number,
      id: passing.deliveryId,
      event,
      conversation,
      at: passing.at,
      sinceSendMs: sentAt === undefined ? null : passing.at - sentAt,
      status: null,
      answer: null,
      ms: null,
      error: null,
      jobs: [],
      effects: [],
    });
    return (passed) => this.#answered(number, passed);
  }

  /** Puts the effect down to its delivery. Returns the milliseconds since the customer pressed send, if known. */
  effect({ conversation, queue, text, at, marker }: SeenEffect): number | null {
    const cause = this.#causeOf(conversation, queue, marker);
    if (cause === null || cause.sinceSendMs === null) return null;
    const tookMs = Math.max(0, at - (cause.at - cause.sinceSendMs));
    this.#put({ ...cause, effects: [...cause.effects, { queue, text, tookMs }] });
    return tookMs;
  }

  /** A worker said what became of a job. */
  job({ delivery: id, ...job }: JobNews): void {
    const known = this.#jobs.get(id) ?? new Map<string, JobView>();
    this.#jobs.set(id, known.set(job.queue, job));
    for (const delivery of this.list()) {
      if (delivery.id !== id || delivery.jobs.length === 0) continue;
      this.#put({ ...delivery, jobs: delivery.jobs.map(({ queue }) => this.#jobOf(id, queue)) });
    }
  }

  list(): readonly DeliveryView[] {
    return [...this.#deliveries.values()];
  }

  #answered(number: number, passed: Passed): void {
    const delivery = this.#deliveries.get(number);
    if (delivery === undefined) return;
    const { status, ms, body, error } = passed;
    const said = answerBody.safeParse(jsonOrNull(body)).data ?? {};
    this.#put({
      ...delivery,
      status,
      ms,
      answer: said.status ?? (status === 401 ? 'refused' : 'failed'),
      error: error ?? said.error ?? null,
      jobs: (said.queues ?? []).map((queue) => this.#jobOf(delivery.id, queue)),
    });
  }

  #jobOf(id: string, queue: string): JobView {
    return this.#jobs.get(id)?.get(queue) ?? { queue, state: 'due', note: null };
  }

  #causeOf(conversation: number, queue: string, marker: string | null): DeliveryView | null {
    const possible = this.list().filter(
      (each) =>
        each.conversation === conversation &&
        (queue === 'bot-replies'
          ? this.#byCustomer.has(each.number)
          : each.event === 'conversation_created') &&
        (each.answer === null || each.jobs.some((job) => job.queue === queue)),
    );
    const named = possible.find(({ id }) => id !== '' && marker?.includes(id) === true);
    return named ?? possible.at(-1) ?? null;
  }

  #put(delivery: DeliveryView): void {
    this.#deliveries.set(delivery.number, delivery);
    this.#board.set(`delivery/${delivery.number}`, delivery);
    const tooOld = delivery.number - mostDeliveries;
    this.#jobs.delete(this.#deliveries.get(tooOld)?.id ?? '');
    this.#byCustomer.delete(tooOld);
    this.#deliveries.delete(tooOld);
    this.#board.drop(`delivery/${tooOld}`);
  }
}

const answers = ['accepted', 'duplicate', 'ignored', 'spooled'] as const satisfies readonly Answer[];

const answerBody = z.object({
  status: z.enum(answers).optional(),
  queues: z.array(z.string()).optional(),
  error: z.string().optional(),
});

const subject = z.object({
  event: z.string().default('?'),
  id: z.unknown().optional(),
  message_type: z.unknown().optional(),
  conversation: z.object({ id: z.int() }).optional(),
});

interface Subject {
  readonly event: string;
  readonly conversation: number | null;
  /** A message the customer wrote. */
  readonly byCustomer: boolean;
}

function readSubject(body: string): Subject {
  const read = subject.safeParse(jsonOrNull(body)).data;
  if (read === undefined) return { event: '?', conversation: null, byCustomer: false };
  const { event, id, conversation, message_type } = read;
  const own = event.startsWith('conversation_') && typeof id === 'number' ? id : null;
  return {
    event,
    conversation: conversation?.id ?? own,
    byCustomer: event === 'message_created' && message_type === 'incoming',
  };
}

function jsonOrNull(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
