import { z } from 'zod';
import type { Names } from './names.ts';
import type { RecordedCall } from './recording.ts';
import { shapeDifferences } from './shapes.ts';

export interface Answer {
  readonly status: number;
  /** Parsed when it is JSON, else the text. */
  readonly body: unknown;
}

/** Keys that say what became of a call, compared by value wherever both sides have them outside of lists. */
const telling = new Set([
  'status',
  'current_status',
  'success',
  'error',
  'errors',
  'message',
  'message_type',
  'content',
  'content_type',
  'private',
  'priority',
  'labels',
  'assignee_type',
  'availability_status',
  'auto_offline',
  'role',
  'enable_auto_assignment',
  'working_hours_enabled',
]);

const history = z.object({
  payload: z.array(
    z.object({
      message_type: z.number(),
      content: z.string().nullable(),
      status: z.string(),
      content_attributes: z.object({ external_error: z.string().optional() }).nullish(),
    }),
  ),
});
type Said = z.infer<typeof history>['payload'][number];

export function answerDifferences(call: RecordedCall, ours: Answer, names: Names): readonly string[] {
  if (ours.status !== call.status) return [`answer: ${ours.status} instead of ${call.status}`];
  const shapes = shapeDifferences([call.body], [ours.body]).map((each) => `answer ${each}`);
  const values = valueDifferences('$', call.body, ours.body, names).map((each) => `answer ${each}`);
  return [...shapes, ...values, ...historyDifferences(call, ours, names)];
}

function valueDifferences(path: string, theirs: unknown, ours: unknown, names: Names): readonly string[] {
  if (!isRecord(theirs) || !isRecord(ours)) return [];
  return Object.entries(theirs).flatMap(([key, value]) => {
    const own = ours[key];
    if (!telling.has(key)) return valueDifferences(`${path}.${key}`, value, own, names);
    const wanted = typeof value === 'string' ? names.ourText(value) : value;
    const [want, have] = [JSON.stringify(wanted), JSON.stringify(own)];
    return own === undefined || want === have ? [] : [`${path}.${key}: ${have} instead of ${want}`];
  });
}

/** The messages of a conversation, activities included, in their order, and whether they were delivered. */
function historyDifferences(call: RecordedCall, ours: Answer, names: Names): readonly string[] {
  if (call.method !== 'GET' || !/\/conversations\/\d+\/messages/.test(call.path)) return [];
  const want = history
    .safeParse(call.body)
    .data?.payload.map((said) => line({ ...said, content: said.content && names.ourText(said.content) }));
  const have = history.safeParse(ours.body).data?.payload.map(line);
  if (want === undefined || have === undefined || JSON.stringify(want) === JSON.stringify(have)) return [];
  return [`answer history: ${JSON.stringify(have)} instead of ${JSON.stringify(want)}`];
}

function line({ message_type, content, status, content_attributes }: Said): string {
  const error = content_attributes?.external_error;
  return `${message_type} ${content} (${error === undefined ? status : `${status}: ${error}`})`;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
