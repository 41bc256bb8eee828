/** How a Redis was come by. */
export type RedisKind = 'url' | 'docker' | 'path' | 'debian';

/** A running Redis. */
export interface RedisServer {
  readonly url: string;
  readonly port: number;
  /** The server's process; null when it isn't a process of ours (an URL, Docker). */
  readonly pid: number | null;
  readonly kind: RedisKind;
  /** For people: `Redis 7.0.15 from Debian's package (cached)`. */
  readonly label: string;
  /** Ends it with a signal, SIGKILL unless told otherwise; resolves once it is gone. */
  kill(signal?: NodeJS.Signals): Promise<void>;
  /** Starts it again on the same port with the same data; ends it first, in good order, if it still runs. */
  restart(): Promise<void>;
  /** Stops it in its tracks: connections stay open and nothing answers. */
  pause(): Promise<void>;
  resume(): Promise<void>;
  /** Ends it and removes its data. */
  close(): Promise<void>;
}

/** What a server of our own is started with. */
export interface RedisSettings {
  /** A free one when left out. */
  port?: number;
  /** When a write is on disk: `always`, within a second (the default), or never. */
  appendonly?: 'no' | 'everysec' | 'always';
  /** Where the data lives, and stays after `close`. A temporary folder when left out. Not for Docker. */
  dir?: string;
  maxmemoryPolicy?: string;
  /** More of redis-server's own arguments: `['--maxmemory', '50mb']`. */
  extraArgs?: readonly string[];
}

/** redis-server's arguments for these settings, without where it listens and keeps its data. */
export function redisArgs(settings: RedisSettings): string[] {
  const { appendonly = 'everysec', maxmemoryPolicy = 'noeviction', extraArgs = [] } = settings;
  const durability =
    appendonly === 'no' ? ['--appendonly', 'no'] : ['--appendonly', 'yes', '--appendfsync', appendonly];
  // No snapshots: what survives a crash is then the append-only file's doing alone.
  return ['--save', '', ...durability, '--maxmemory-policy', maxmemoryPolicy, ...extraArgs];
}
