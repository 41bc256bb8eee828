import { createHash, randomBytes } from 'node:crypto';

/** Who is logged in. There is one password, so a session is as near to a name as there is. */
interface Session {
  /** For the log: tells sessions apart and opens nothing. */
  readonly id: string;
  readonly expiresAt: number;
}

export interface Sessions {
  /** Opens one. The token is the browser's; only its digest stays here. */
  open(): { readonly token: string; readonly session: Session };
  /** null for what is no token, or one whose time is up or who has logged out. */
  find(token: string | undefined): Session | null;
  close(token: string | undefined): void;
}

const MOST = 1_000;

/** In memory: who restarts the console logs everyone out. */
export function createSessions({
  lifetimeMs,
  now,
}: {
  readonly lifetimeMs: number;
  readonly now: () => number;
}): Sessions {
  const open = new Map<string, Session>();
  return {
    open() {
      for (const [digest, { expiresAt }] of open) if (expiresAt <= now()) open.delete(digest);
      const oldest = open.size >= MOST ? open.keys().next().value : undefined;
      if (oldest !== undefined) open.delete(oldest);
      const token = randomBytes(32).toString('base64url');
      const session = { id: randomBytes(4).toString('hex'), expiresAt: now() + lifetimeMs };
      open.set(digestOf(token), session);
      return { token, session };
    },
    find(token) {
      if (token === undefined) return null;
      const session = open.get(digestOf(token)) ?? null;
      return session !== null && session.expiresAt > now() ? session : null;
    },
    close(token) {
      if (token !== undefined) open.delete(digestOf(token));
    },
  };
}

function digestOf(token: string): string {
  return createHash('sha256').update(token).digest('base64');
}
