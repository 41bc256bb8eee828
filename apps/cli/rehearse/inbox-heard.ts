import type { CliConfig } from '@switchyard/config';
import { failed, type Row } from './row.ts';

/**
 * What is wrong where no source hears the inbox that is to be played in; null where one does. A source may take
 * deliveries of some inboxes only, and one that is made for the rehearsal is none of them. Pure.
 */
export function unheard(
  sources: CliConfig['sources'],
  account: number,
  /** null: one is made. */
  inbox: number | null,
): Row | null {
  const theirs = Object.entries(sources).filter(
    ([, source]) => source.kind === 'account' && (source.account ?? account) === account,
  );
  const [first] = theirs;
  if (first === undefined) return null;
  const hears = theirs.some(
    ([, { inboxes }]) => inboxes === undefined || (inbox !== null && inboxes.includes(inbox)),
  );
  if (hears) return null;
  const [name, { inboxes = [] }] = first;
  const which = inbox === null ? 'one that is made for the rehearsal' : `inbox ${inbox}`;
  return failed(
    'webhook',
    `source ${name} takes inbox ${inboxes.join(', ')} only (sources.${name}.inboxes in the config file), and so not ${which}`,
    'Play in an API inbox that it takes: --inbox <id>.',
  );
}
