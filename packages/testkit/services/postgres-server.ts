/** How a Postgres was come by. */
export type PostgresKind = 'url' | 'docker' | 'embedded';

/** A running Postgres. */
export interface PostgresServer {
  readonly url: string;
  readonly kind: PostgresKind;
  /** For people: `Postgres 17 embedded (PGlite)`. */
  readonly label: string;
  /** Takes it away: connections break, new ones are refused. */
  stop(): Promise<void>;
  /** Brings it back on the same port with its data. */
  start(): Promise<void>;
  /** Ends it and removes its data. */
  close(): Promise<void>;
}
