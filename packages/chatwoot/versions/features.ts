import { type ChatwootVersion, isAtLeast } from './version.ts';

interface Feature {
  /** The first release that has it. */
  readonly since: string;
  /** Where that is not known: the latest release that was seen without it. Between the two, nobody can tell. */
  readonly absentIn?: string;
  /** What works, for docs/chatwoot-versions.md and for doctor. */
  readonly what: string;
  /** The line of the contract that it rests on. */
  readonly source: string;
}

/** What differs between the releases of Chatwoot as far as Switchyard notices. docs/chatwoot-versions.md has it too. */
export const FEATURES = {
  keepsPendingOnBotFailure: {
    since: '4.11.0',
    what: 'an account can keep conversations pending when a bot fails',
    source: '#13512',
  },
  signedAccountWebhooks: {
    since: '4.11.2',
    what: 'account webhooks are signed and carry a delivery id',
    source: '#13573',
  },
  retriedBotWebhooks: {
    since: '4.11.2',
    what: "a bot's webhook is tried three times on 429 and 500",
    source: '#13521',
  },
  signedBotWebhooks: {
    since: '4.13.0',
    what: 'webhooks of agent bots and API inboxes are signed',
    source: '#13892',
  },
  refusesPrivateAddresses: {
    since: '4.14.0',
    what: 'webhooks to private addresses are refused',
    source: '#14155',
  },
  allowsPrivateNetwork: {
    since: '4.14.1',
    what: 'SAFE_FETCH_ALLOW_PRIVATE_NETWORK=true lets them through',
    source: '#14548',
  },
  namesAccount: {
    since: '4.14.2',
    what: 'every event names its account',
    source: '#12445, [R] 1',
  },
  botWritesLabels: {
    since: '4.14.2',
    what: "a bot's token may write labels",
    source: '#14655, [R] 2',
  },
  botOwnsConversations: {
    since: '4.16.2',
    absentIn: '4.13.0',
    what: 'a bot is the assignee of its new conversations',
    source: '[R] 3',
  },
} as const satisfies Readonly<Record<string, Feature>>;

export type FeatureName = keyof typeof FEATURES;

/** The releases whose behaviour was recorded; the last one stands for every later one. */
export const RECORDED_VERSIONS = ['4.10.1', '4.13.0', '4.16.2'] as const;

/** Whether this Chatwoot has it; null where nobody can tell, because the version is not known. */
export function hasFeature(version: ChatwootVersion | null, name: FeatureName): boolean | null {
  if (version === null) return null;
  const feature: Feature = FEATURES[name];
  if (isAtLeast(version, feature.since)) return true;
  return feature.absentIn !== undefined && !isAtMost(version, feature.absentIn) ? null : false;
}

function isAtMost(version: ChatwootVersion, last: string): boolean {
  return version.text === last || !isAtLeast(version, last);
}
