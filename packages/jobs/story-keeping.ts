import type { ChatwootEvent } from '@switchyard/chatwoot';
import { contactSubject, packPlace, placeOf, type StoryJob, subjectOf } from './story-job.ts';
import { packStory } from './story-record.ts';
import { bucketOf, contactBucket, packContact, packStoryBucket, storyBucket } from './story-store/bucket.ts';
import { packEnded } from './story-store/ended.ts';
import { packOrigin } from './story-store/origin.ts';
import { shapeOf } from './story-store/shape.ts';
import type { Shapes } from './story-store/shapes.ts';
import { KEEP_RECORDS, referableMs } from './story-store/store-lua.ts';

/** A job that has ended, as its story is kept. */
export type EndedJob = StoryJob & {
  readonly state: 'done' | 'dead';
  readonly endedAt: number;
  /** What it has in common with other jobs of its delivery is in the store. */
  readonly hasOrigin: boolean;
};

/**
 * In Lua, for the scripts that end a job. Arguments from this place on: bucket of the story or '' for none, record,
 * keep ms, now ms, bucket of the contact whose conversation it is or '', the contact's field. Answers the place after.
 */
export const KEEP_STORY = `
${KEEP_RECORDS}
local function keepStory(args, at)
  if args[at] == '' then return at + 6 end
  local now = tonumber(args[at + 3])
  keepRecord(args[at], args[at + 1], tonumber(args[at + 2]), now)
  if args[at + 4] ~= '' then keepContact(args[at + 4], args[at + 5], now) end
  return at + 6
end
`;

export interface StoryKeeping {
  readonly prefix: string;
  /** 0 keeps none. */
  readonly keepMs: number;
  readonly shapes: Pick<Shapes, 'idOf'>;
}

const NONE = ['', '', '', '', '', ''];

/** As `keepStory` takes them. */
export function storyArgs(
  job: EndedJob | null,
  { prefix, keepMs, shapes }: StoryKeeping,
): readonly (string | Buffer)[] {
  const subject = job === null ? null : subjectOf(job);
  if (job === null || subject === null || keepMs === 0) return NONE;
  const { account, conversation, contact } = job;
  const times = [String(keepMs), String(job.endedAt)];
  const bucket = storyBucket(prefix, subject);
  const shaped = job.hasOrigin && job.endedAt - job.receivedAt < referableMs(keepMs) ? shapeOf(job) : null;
  const shapeId = shaped === null ? null : shapes.idOf(shaped.shape);
  if (shaped !== null && shapeId !== null) return [bucket, packEnded(job, shapeId, shaped), ...times, '', ''];
  const known = conversation !== null && contact !== null;
  return [
    bucket,
    packStory(job),
    ...times,
    known ? contactBucket(prefix, contactSubject(account, contact)) : '',
    known ? packContact(account, contact, conversation) : '',
  ];
}

/**
 * What an accepted delivery leaves of itself: where it is found, which is what is recorded of it with what was seen;
 * bucket of its story and its record there, bucket of its contact and the field there, each '' for none.
 */
export function originArgs(
  event: ChatwootEvent,
  { prefix, keepMs }: Omit<StoryKeeping, 'shapes'>,
): readonly [string, string, string | Buffer, string, string | Buffer] {
  const place = placeOf(event);
  const subject = subjectOf(place);
  if (subject === null || keepMs === 0) return [packPlace(place), '', '', '', ''];
  const { account, conversation, contact } = place;
  const origin = packOrigin(event) ?? '';
  const found = origin === '' ? packPlace(place) : packStoryBucket(bucketOf(subject));
  const bucket = storyBucket(prefix, subject);
  if (conversation === null || contact === null) return [found, bucket, origin, '', ''];
  const contacts = contactBucket(prefix, contactSubject(account, contact));
  return [found, bucket, origin, contacts, packContact(account, contact, conversation)];
}
