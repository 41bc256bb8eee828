import { CallFailure, type ChatwootClient } from '@switchyard/chatwoot';
import type { CliConfig } from '@switchyard/config';
import {
  botReferences,
  createDirectory,
  type Directory,
  type Reference,
  routingReferences,
} from '@switchyard/jobs';
import { type Finding, fail, ok, warn } from './check.ts';

/** Whether the teams, agents and labels that rules name are in the account. */
export async function nameFindings(
  { routing, bot }: CliConfig,
  client: ChatwootClient,
  account: number,
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  const references = [
    ...(routing === null ? [] : routingReferences(routing)),
    ...(bot === null ? [] : botReferences(bot)),
  ];
  const labels = labelsIn(routing);
  if (references.length + labels.length === 0) return [];
  const directory = createDirectory({ client });
  const [wrong, known] = await Promise.all([
    unknownIn(references, directory, account, signal),
    client.labels.list(account, { signal }),
  ]);
  const lacking = labels.filter((label) => !known.some((title) => title === label.toLowerCase()));
  const findings = [
    ...wrong.map((line) =>
      fail('teams and agents', line, 'Make it in Chatwoot, or mend the name in the config file.'),
    ),
    ...lacking.map((label) =>
      warn(
        'labels',
        `account ${account} has no label "${label}": Chatwoot takes it without a word and does not show it`,
        'Make the label in Chatwoot → Settings → Labels.',
      ),
    ),
  ];
  if (findings.length > 0) return findings;
  return [
    ok(
      'teams, agents, labels',
      `account ${account} has all ${references.length + labels.length} that the rules name`,
    ),
  ];
}

export function labelsIn(routing: CliConfig['routing']): string[] {
  const assignments = [
    ...(routing?.rules ?? []).map((rule) => rule.assign),
    ...(routing?.otherwise === undefined ? [] : [routing.otherwise.assign]),
  ];
  return [...new Set(assignments.flatMap(({ labels }) => labels ?? []))];
}

/** One after the other: the first asks Chatwoot, the others find its answer kept. */
async function unknownIn(
  references: readonly Reference[],
  directory: Directory,
  account: number,
  signal: AbortSignal,
): Promise<string[]> {
  const lines: string[] = [];
  for (const reference of references) {
    try {
      await directory.resolve(account, reference, signal);
    } catch (error) {
      if (!(error instanceof CallFailure && error.code === 'DIRECTORY_UNKNOWN')) throw error;
      lines.push(error.message);
    }
  }
  return lines;
}
