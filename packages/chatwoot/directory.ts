import { z } from 'zod';
import { type Api, accountPath, type CallOptions, payloadOf } from './api.ts';

export interface Profile {
  readonly id: number;
  readonly name: string | null;
  readonly accounts: readonly {
    readonly id: number;
    readonly name: string | null;
    readonly role: string | null;
  }[];
}

export interface Team {
  readonly id: number;
  /** Lower-case, as Chatwoot stores team names (contract §2.2). */
  readonly name: string;
  readonly allowAutoAssign: boolean;
}

export interface Agent {
  readonly id: number;
  readonly name: string;
  readonly email: string | null;
  readonly role: string | null;
  readonly availability: string | null;
}

const id = z.int().positive();
const text = z.string().nullish().catch(null);

const profileSchema = z
  .object({ id, name: text, accounts: z.array(z.object({ id, name: text, role: text })) })
  .transform(
    (user): Profile => ({
      id: user.id,
      name: user.name ?? null,
      accounts: user.accounts.map(({ id, name, role }) => ({ id, name: name ?? null, role: role ?? null })),
    }),
  );

const teamSchema = z
  .object({ id, name: z.string(), allow_auto_assign: z.boolean().nullish().catch(null) })
  .transform(
    (team): Team => ({ id: team.id, name: team.name, allowAutoAssign: team.allow_auto_assign ?? true }),
  );

const agentSchema = z
  .object({ id, name: text, email: text, role: text, availability_status: text })
  .transform(
    (agent): Agent => ({
      id: agent.id,
      name: agent.name ?? '',
      email: agent.email?.toLowerCase() ?? null,
      role: agent.role ?? null,
      availability: agent.availability_status ?? null,
    }),
  );

const labelSchema = z.object({ title: z.string() }).transform((label) => label.title);

/** Who the token belongs to, and what there is in an account: teams, agents, labels (contract §3.4). */
export function directoryApi(api: Api) {
  const list = async <T>(
    account: number,
    what: string,
    schema: z.ZodType<T>,
    options?: CallOptions,
  ): Promise<T> =>
    api.json({ operation: `${what}.list`, method: 'GET', path: accountPath(account, what) }, schema, options);

  return {
    /** The user behind the token and the accounts they are in. */
    profile(options?: CallOptions): Promise<Profile> {
      return api.json(
        { operation: 'profile', method: 'GET', path: '/api/v1/profile' },
        profileSchema,
        options,
      );
    },
    teams: {
      list: (account: number, options?: CallOptions): Promise<readonly Team[]> =>
        list(account, 'teams', z.array(teamSchema), options),
    },
    agents: {
      list: (account: number, options?: CallOptions): Promise<readonly Agent[]> =>
        list(account, 'agents', z.array(agentSchema), options),
    },
    labels: {
      /** The titles of the account's labels, the only ones that Chatwoot shows as labels. */
      list: (account: number, options?: CallOptions): Promise<readonly string[]> =>
        list(account, 'labels', payloadOf(z.array(labelSchema)), options),
    },
  };
}
