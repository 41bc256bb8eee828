import { spokenVersions, type Version } from '../versions.ts';

/** A difference between the pretend Chatwoot and a recorded one that is known, and meant. */
interface Exception {
  readonly recording: string;
  readonly versions: readonly Version[];
  readonly call: RegExp;
  readonly difference: RegExp;
  /** Why, with its source. */
  readonly why: string;
}

const all = spokenVersions;
const withPolicy = ['4.13', '4.16'] as const;
/** The policy also hands out older conversations (contract [R] 4). */
const fromBefore =
  /^webhook \S+ conversation_updated \d+ open \[assignee_id updated_at\] .*: \$\.messages\[\]\.(sender|content_attributes)/;
const earlierOnes =
  'The latest message of a conversation from before the recording: what it was is told by this webhook alone.';

/** Each is for one recording; one that no longer occurs in any of its versions fails the test. */
export const exceptions: readonly Exception[] = [
  {
    recording: 'policy_activity',
    versions: withPolicy,
    call: /^GET \/conversations/,
    difference: /^answer /,
    why: 'It only looks at conversations whose making was not recorded, so that they cannot be made again.',
  },
  {
    recording: 'interactive',
    versions: all,
    call: /^POST (\/conversations\/:id\/messages by admin|\/api\/v1\/widget\/messages)/,
    difference: /messages\[\]\.content_attributes/,
    why: 'Which message is the latest in a snapshot depends on when it is made (contract §1.6); six came at once.',
  },
  {
    recording: 'agent_bot',
    versions: all,
    call: /^POST \/conversations\/:id\/messages by bot$/,
    difference:
      /conversation_updated \d+ pending \[(cached_label_list )?updated_at waiting_since\].*: [01] instead of/,
    why: 'The first save by a bot fills the column of cached labels with an empty text; nothing of ours reads it.',
  },
  {
    recording: 'assign_more',
    versions: all,
    call: /POST \/conversations by agent$/,
    difference:
      /conversation_updated \d+ open \[(cached_label_list display_id )?first_reply_created_at .*: [01] instead of/,
    why: 'A conversation made with its first message tells of its own number and of cached labels as changes; nothing of ours reads them.',
  },
  {
    recording: 'agent_bot',
    versions: ['4.10'],
    call: /^POST \/public\/contacts by customer \+/,
    difference: /^webhook \S+ conversation_\w+ 50 open .*content_attributes\.external_error: missing$/,
    why: 'The bot and the API inbox fail on the same message at once, each in a job of its own; recorded, the inbox was first.',
  },
  {
    recording: 'auto_assign',
    versions: withPolicy,
    call: /./,
    difference: fromBefore,
    why: earlierOnes,
  },
  {
    recording: 'assign_more',
    versions: withPolicy,
    call: /^PATCH \/inboxes\/:id by admin/,
    difference: fromBefore,
    why: earlierOnes,
  },
  {
    recording: 'assign_more',
    versions: all,
    call: /^GET \/conversations\/:id\/messages/,
    difference: /^answer history: \["0 team, please/,
    why: 'Of two agents online a team takes whose turn it is, which hangs on what was assigned before the recording (contract §3.3).',
  },
  {
    recording: 'assign_more',
    versions: all,
    call: /^GET \/conversations\/:id/,
    difference: /^answer (history: .*by an automation rule|\$\.messages\[\]\.sender: too much)/,
    why: 'A rule runs in a job: recorded, after the first message came; here each call is played out before the next.',
  },
];
