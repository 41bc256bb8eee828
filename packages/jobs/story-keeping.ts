import { contactSubject, type StoryJob, subjectOf } from './story-job.ts';
import { packStory } from './story-record.ts';

/** A job that has ended, as its story is kept. */
export type EndedJob = StoryJob & { readonly state: 'done' | 'dead'; readonly endedAt: number };

/** How many jobs of a conversation are kept at most, and how many conversations of a contact are known. */
const LONGEST_STORY = 300;

/** What was written longer ago goes, a few at a time, as new ones come. */
const DROPPED_AT_ONCE = 10;

/**
 * In Lua, for the scripts that end a job. Arguments from this place on: subject of the story or '' for none, record,
 * keep ms, now ms, subject of the contact whose conversation it is or '', conversation. Answers the place after them.
 */
export const KEEP_STORY = `
local function keepStory(prefix, args, at)
  if args[at] == '' then return at + 6 end
  local story, keepMs, now = prefix .. ':story:' .. args[at], tonumber(args[at + 2]), tonumber(args[at + 3])
  local length = redis.call('RPUSH', story, args[at + 1])
  if length > ${LONGEST_STORY} then redis.call('LPOP', story) end
  for _ = 2, math.min(length, ${DROPPED_AT_ONCE}) do
    if tonumber(string.match(redis.call('LINDEX', story, 0), '%d+')) >= now - keepMs then break end
    redis.call('LPOP', story)
  end
  -- A tenth more, so that it need not be written each time.
  local function keep(key, isNew)
    if isNew or redis.call('PTTL', key) < keepMs then redis.call('PEXPIRE', key, math.floor(keepMs * 1.1)) end
  end
  keep(story, length == 1)
  if args[at + 4] ~= '' then
    local conversations = prefix .. ':conversations:' .. args[at + 4]
    if redis.call('ZADD', conversations, now, args[at + 5]) == 1 then
      local known = redis.call('ZCARD', conversations)
      if known > ${LONGEST_STORY} then redis.call('ZPOPMIN', conversations) end
      keep(conversations, known == 1)
    else
      keep(conversations, false)
    end
  end
  return at + 6
end
`;

const NONE = ['', '', '', '', '', ''];

/** As `keepStory` takes them. `keepMs` 0 keeps none. */
export function storyArgs(job: EndedJob | null, keepMs: number): readonly string[] {
  const subject = job === null ? null : subjectOf(job);
  if (job === null || subject === null || keepMs === 0) return NONE;
  const { account, conversation, contact } = job;
  const known = conversation !== null && contact !== null;
  return [
    subject,
    packStory(job),
    String(keepMs),
    String(job.endedAt),
    known ? contactSubject(account, contact) : '',
    known ? String(conversation) : '',
  ];
}
