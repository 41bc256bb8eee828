import { conversationsKey, storyKey } from './keys.ts';
import { contactSubject, type StoryJob, subjectOf } from './story-job.ts';
import { packStory } from './story-record.ts';

/** A job that has ended, as its story is kept. */
export type EndedJob = StoryJob & { readonly state: 'done' | 'dead'; readonly endedAt: number };

/** How many jobs of a conversation are kept at most, and how many conversations of a contact are known. */
const LONGEST_STORY = 300;

/** What was written longer ago goes, a few at a time, as new ones come. */
const DROPPED_AT_ONCE = 10;

/**
 * In Lua, for the settle script. Arguments from this place on: story key or '' for none, record, keep ms, now ms, key
 * of the contact's conversations or '', conversation. Answers the place after them.
 */
export const KEEP_STORY = `
local function keepStory(args, at)
  local story, keepMs, now = args[at], tonumber(args[at + 2]), tonumber(args[at + 3])
  local conversations = args[at + 4]
  if story ~= '' then
    if redis.call('RPUSH', story, args[at + 1]) > ${LONGEST_STORY} then redis.call('LPOP', story) end
    for _ = 1, ${DROPPED_AT_ONCE} do
      local oldest = redis.call('LINDEX', story, 0)
      if not oldest or tonumber(string.match(oldest, '%d+')) >= now - keepMs then break end
      redis.call('LPOP', story)
    end
    redis.call('PEXPIRE', story, keepMs)
  end
  if conversations ~= '' then
    if redis.call('ZADD', conversations, now, args[at + 5]) == 1 then
      redis.call('ZREMRANGEBYSCORE', conversations, '-inf', now - keepMs)
      redis.call('ZREMRANGEBYRANK', conversations, 0, -${LONGEST_STORY + 1})
    end
    redis.call('PEXPIRE', conversations, keepMs)
  end
  return at + 6
end
`;

const NONE = ['', '', '', '', '', ''];

/** As `keepStory` takes them. `keepMs` 0 keeps none. */
export function storyArgs(prefix: string, job: EndedJob | null, keepMs: number): readonly string[] {
  const subject = job === null ? null : subjectOf(job);
  if (job === null || subject === null || keepMs === 0) return NONE;
  const { account, conversation, contact } = job;
  const known = conversation !== null && contact !== null;
  return [
    storyKey(prefix, subject),
    packStory(job),
    String(keepMs),
    String(job.endedAt),
    known ? conversationsKey(prefix, contactSubject(account, contact)) : '',
    known ? String(conversation) : '',
  ];
}
