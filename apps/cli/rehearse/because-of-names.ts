import type { ChatwootClient } from '@switchyard/chatwoot';
import type { CliConfig } from '@switchyard/config';
import { nameFindings } from '../doctor/names.ts';
import type { Row } from './row.ts';

/**
 * A worker whose rules name what Chatwoot has not does not start, and shows as work that nobody does. So a row that
 * went wrong is told with the names of its section that are missing.
 */
export async function becauseOfNames(
  row: Row,
  section: 'bot' | 'routing',
  {
    client,
    config,
    account,
  }: { readonly client: ChatwootClient; readonly config: CliConfig; readonly account: number },
  signal: AbortSignal,
): Promise<Row> {
  if (row.status !== 'fail') return row;
  const findings = await nameFindings(config, client, account, signal);
  const wrong = findings.find(({ status, detail }) => status === 'fail' && detail.startsWith(`${section}.`));
  return wrong === undefined ? row : { ...row, detail: `${row.detail}; ${wrong.detail}`, fix: wrong.fix };
}
