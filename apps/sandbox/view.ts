/** What the page shows, by its key on the board: plain values, made for reading. */
export interface Entries {
  readonly about: AboutView;
  readonly [customer: `customer/${string}`]: CustomerView;
  readonly [process: `process/${string}`]: ProcessView;
  readonly [queue: `queue/${string}`]: QueueView;
  readonly [conversation: `conversation/${number}`]: ConversationView;
  readonly [delivery: `delivery/${number}`]: DeliveryView;
  readonly [experiment: `experiment/${string}`]: ExperimentView;
  readonly [log: `log/${number}`]: LogView;
}

export type ProcessState = 'starting' | 'ready' | 'not-ready' | 'down' | 'off';

export interface ProcessView {
  readonly name: string;
  readonly kind: 'app' | 'service';
  readonly state: ProcessState;
  /** One line for people: what it is, or what is wrong with it. */
  readonly detail: string;
  readonly pid: number | null;
  readonly restarts: number;
  /** Warnings and errors it logged. */
  readonly troubles: number;
}

/** Job counts, and the age of the oldest waiting job in milliseconds. */
interface QueueView {
  readonly name: string;
  readonly waiting: number;
  readonly active: number;
  readonly delayed: number;
  readonly dead: number;
  readonly done: number;
  readonly oldestWaitingMs: number | null;
}

export type Author = 'customer' | 'bot' | 'agent' | 'system';

export interface MessageView {
  readonly id: number;
  readonly author: Author;
  readonly name: string;
  readonly text: string;
  /** Epoch milliseconds. */
  readonly at: number;
  /** Since the customer pressed send; null on what the customer wrote. */
  readonly tookMs: number | null;
}

export interface LeadView {
  readonly id: string;
  readonly fields: readonly (readonly [name: string, value: string | null])[];
  readonly tookMs: number | null;
}

interface ConversationView {
  readonly id: number;
  readonly customer: string;
  readonly status: string;
  readonly priority: string | null;
  readonly team: string | null;
  readonly teamTookMs: number | null;
  readonly assignee: string | null;
  readonly messages: readonly MessageView[];
  readonly lead: LeadView | null;
}

interface EffectView {
  readonly queue: string;
  readonly text: string;
  /** Since the customer pressed send. */
  readonly tookMs: number;
}

/** One queue's job of a delivery. */
export interface JobView {
  readonly queue: string;
  readonly state: 'due' | 'retrying' | 'done' | 'dead';
  /** Why it did what it did, or what it waits for, in few words; null while nothing is known. */
  readonly note: string | null;
}

export type Answer = 'accepted' | 'duplicate' | 'ignored' | 'spooled' | 'refused' | 'failed';

/** One POST to the ingress and what came of it. */
export interface DeliveryView {
  readonly number: number;
  readonly id: string;
  readonly event: string;
  readonly conversation: number | null;
  /** Epoch milliseconds. */
  readonly at: number;
  /** Between the customer's pressing send and the POST; null when nobody pressed. */
  readonly sinceSendMs: number | null;
  /** The next three are null while the ingress has not answered. */
  readonly status: number | null;
  readonly answer: Answer | null;
  readonly ms: number | null;
  readonly error: string | null;
  readonly jobs: readonly JobView[];
  readonly effects: readonly EffectView[];
}

export interface ExperimentView {
  readonly name: string;
  /** `off`: the thing was switched off by the visitor and waits to be switched on again. */
  readonly state: 'ready' | 'running' | 'off';
  readonly happened: string | null;
}

export interface LogView {
  readonly number: number;
  readonly process: string;
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  /** Epoch milliseconds. */
  readonly at: number;
  readonly text: string;
  readonly detail: string;
}

export interface CustomerView {
  readonly id: string;
  readonly name: string;
  readonly shortName: string;
  readonly email: string | null;
  readonly kind: string;
  readonly note: string;
}

interface AboutView {
  readonly chatwootUrl: string;
  readonly crmUrl: string;
  readonly config: string;
  /** Those that can be done here, by name. */
  readonly experiments: readonly string[];
  /** How it is stopped, and the like; a sentence or two. */
  readonly hint: string;
}
