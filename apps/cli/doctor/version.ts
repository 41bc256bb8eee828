import {
  type ChatwootVersion,
  hasFeature,
  isAtLeast,
  parseVersion,
  RECORDED_VERSIONS,
} from '@switchyard/chatwoot';
import { type Finding, fail, ok, warn } from './check.ts';

const NEWEST = RECORDED_VERSIONS[2];
const OLDEST = RECORDED_VERSIONS[0];
/** Its earlier patch releases count as tried, too. */
const OLDEST_LINE = OLDEST.split('.', 2).join('.');

/** Which Chatwoot it is, and what follows from that. Pure. */
export function judgeVersion(version: ChatwootVersion | null): Finding[] {
  if (version === null) {
    return [
      warn(
        'version',
        'Chatwoot does not tell its version at /api: it is taken for the newest one where nothing else shows',
        'Let your proxy lead /api to Chatwoot, too.',
      ),
    ];
  }
  const lacks = [
    ...(hasFeature(version, 'signedAccountWebhooks') === false ? ['does not sign webhooks'] : []),
    ...(hasFeature(version, 'signedAccountWebhooks') === true &&
    hasFeature(version, 'signedBotWebhooks') === false
      ? ["signs the account's webhooks, not a bot's"]
      : []),
    ...(hasFeature(version, 'namesAccount') === false ? ['does not name the account in every event'] : []),
  ];
  if (!isAtLeast(version, OLDEST_LINE)) {
    return [
      fail(
        'version',
        `Chatwoot ${version.text} is older than ${OLDEST}, the oldest that Switchyard was tried with`,
        'Upgrade Chatwoot (docs/chatwoot-versions.md).',
      ),
    ];
  }
  const newer = parseVersion(NEWEST);
  const isNewer = newer !== null && isAtLeast(version, NEWEST) && version.text !== NEWEST;
  const text = [
    `Chatwoot ${version.text}`,
    ...(isNewer ? [`newer than those that were recorded, so taken for ${NEWEST}`] : lacks),
  ];
  return [ok('version', text.join('; '))];
}
