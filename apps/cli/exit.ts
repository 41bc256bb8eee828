/** What a script can tell by: the exit codes of every command. docs/cli.md has the same table. */
export const EXIT = {
  ok: 0,
  /** It ran, and something is wrong: a check failed, a job was not redriven, a delivery was refused. */
  problem: 1,
  /** A wrong option, environment or config file. */
  usage: 2,
  /** Nothing by that name, or a filter that matches nothing. */
  notFound: 3,
  /** Redis, Chatwoot or the ingress does not answer. */
  unreachable: 4,
  /** Chatwoot refuses: unknown token, missing role, another account. */
  notAllowed: 5,
  /** The job is not dead: it waits, runs or is done. */
  notDead: 6,
  /** A fault in the command itself. */
  fault: 70,
  /** Ctrl-C. */
  interrupted: 130,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];
