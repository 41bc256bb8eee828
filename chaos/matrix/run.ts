import { join } from 'node:path';
import { type Line, layLine, type Version } from '@switchyard/testkit';
import { Redis } from 'ioredis';
import { enterpriseEmails } from '../customers.ts';
import type { Remains } from '../history.ts';
import { createRandom } from '../random.ts';
import type { Cell } from './cells.ts';
import { agentNames, type CellInbox, makeInbox, staffTeams } from './inbox.ts';
import { judge, type Verdict } from './judge.ts';
import { type Cast, createCast } from './play.ts';
import { awaitRest } from './rest.ts';
import { scenesOf } from './scenes.ts';
import { createObserver } from './seen.ts';

export interface MatrixOptions {
  /** Empty. */
  readonly redisUrl: string;
  /** With the table of customers (customers.ts). */
  readonly postgresUrl: string;
  readonly seed: number;
  /** How long one stage of all conversations may take to come to rest. */
  readonly limitMs: number;
}

export interface CellResult extends Verdict {
  readonly cell: Cell;
  /** What was played. */
  readonly conversations: number;
}

export interface SetUpResult {
  readonly cells: readonly CellResult[];
  /** The last lines of the processes, for whoever looks into a finding. */
  readonly logs: readonly string[];
}

const STAGES = 3;
const BOT_SECRET = 'Qe5Xw8RzTn3LkHv6CyBd2MpA';
/** Late enough to come between what the workers do; seconds in a real Chatwoot. */
const POLICY_DELAY_MS = 200;

/** The cells that one set-up of processes serves: of one Chatwoot, with a bot or without. */
export function bySetUp(cells: readonly Cell[]): readonly (readonly Cell[])[] {
  return [...Map.groupBy(cells, ({ version, bot }) => `${version} ${bot}`).values()];
}

/**
 * Plays cells of one version, all with a bot or all without, on one line of real processes, those whose teams assign
 * and those whose don't one after the other: a team is the whole account's.
 */
export async function runSetUp(cells: readonly Cell[], options: MatrixOptions): Promise<SetUpResult> {
  const [first] = cells;
  if (first === undefined) return { cells: [], logs: [] };
  await using held = new AsyncDisposableStack();
  const { line, admin, logs } = await startLine(first.version, first.bot, cells.length, options);
  held.defer(() => line.close());
  const redis = new Redis(options.redisUrl);
  held.defer(() => redis.disconnect());
  const hook = first.bot ? { url: line.webhookUrl, secret: BOT_SECRET } : null;
  const inboxes: CellInbox[] = [];
  for (const [index, cell] of cells.entries()) {
    inboxes.push(await makeInbox(line.chatwoot, cell, index, hook));
  }
  const enterprises = enterpriseEmails.values();
  const casts = cells.map((cell, index): Placed => {
    const scenes = scenesOf(cell.bot);
    const emails = scenes.map(({ tier }, at) => {
      const known = tier === 'enterprise' ? enterprises.next().value : undefined;
      return known ?? `c${index}-${at}@standard.example`;
    });
    const inbox = inboxes[index] ?? { inbox: 0, agents: [0, 0] };
    return { cell, inbox, cast: createCast(line.chatwoot, inbox, scenes, emails) };
  });
  let remains: Remains = { busy: [], dead: [] };
  for (const assigns of [false, true]) {
    const these = casts.filter(({ cell }) => cell.teamAssigns === assigns);
    staffTeams(
      line.chatwoot,
      these.map(({ inbox }) => inbox),
      assigns,
    );
    for (let stage = 0; these.length > 0 && stage < STAGES; stage += 1) {
      for (const { cast } of these) cast.stage(stage);
      remains = await awaitRest(line.chatwoot, redis, admin, AbortSignal.timeout(options.limitMs));
    }
  }
  const seenOf = createObserver(line.chatwoot, line.crm);
  const results = casts.map(({ cell, cast }): CellResult => {
    return { cell, conversations: cast.played.length, ...judge(cast.played, seenOf) };
  });
  return { cells: withRemains(results, remains), logs: logs() };
}

interface Placed {
  readonly cell: Cell;
  readonly inbox: CellInbox;
  readonly cast: Cast;
}

async function startLine(version: Version, bot: boolean, cells: number, options: MatrixOptions) {
  const { redisUrl, postgresUrl, seed } = options;
  const line: Line = await layLine({
    redisUrl,
    postgresUrl,
    chatwoot: {
      version,
      agents: agentNames(cells),
      policyDelayMs: POLICY_DELAY_MS,
      random: createRandom(seed),
    },
  });
  const env = {
    SWITCHYARD_CONFIG: join(import.meta.dirname, '../switchyard.config.ts'),
    CHATWOOT_ACCOUNT: String(line.chatwoot.accountId),
    CHATWOOT_WEBHOOK_SECRET: [line.secret, ...(bot ? [BOT_SECRET] : [])].join(','),
    CHATWOOT_BOT_TOKEN: bot ? line.chatwoot.tokens.bot : '',
  };
  try {
    const apps = await Promise.all(
      (['ingress', 'crm-sync', 'bot-replies', 'routing'] as const).map((name) => line.start(name, env)),
    );
    const logs = () => apps.flatMap((app) => app.logs().map((text) => `${app.name} ${text}`));
    return { line, admin: apps[0]?.adminUrl ?? '', logs };
  } catch (error) {
    await line.close();
    throw error;
  }
}

/** What is left over can't be laid at one cell's door, so it is at the first's. */
function withRemains(results: readonly CellResult[], { busy, dead }: Remains): readonly CellResult[] {
  const left = [
    ...busy.map((what) => `left at rest: ${what}`),
    ...dead.map(({ queue, delivery, reason }) => `dead in ${queue}: ${delivery}: ${reason}`),
  ];
  return results.map((each, index) => {
    return index === 0 ? { ...each, findings: [...each.findings, ...left] } : each;
  });
}
