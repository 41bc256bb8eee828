/** Where a value was taken out: somebody's data, or something this version does not know to be harmless. */
export const MASK = '•••';

/** Shown whole, where it looks like this, or by its fields. */
type Rule = true | RegExp | { readonly [field: string]: Rule };

const ACTOR: Rule = { kind: true, id: true };

/** What of a job's data says nothing about a person: ids, kinds, states and times. Everything else is masked. */
const HARMLESS: Rule = {
  // Lanes of a conversation, a contact or a delivery; a custom worker's own may be named by anything.
  lane: /^[vc]\d+-\d+$|^d[\w.-]{1,100}$/,
  since: true,
  event: {
    name: true,
    account: true,
    delivery: { id: true, source: true, kind: true, receivedAt: true },
    inbox: { id: true },
    conversation: {
      id: true,
      channel: true,
      status: true,
      priority: true,
      assignee: ACTOR,
      team: { id: true, name: true },
      createdAt: true,
      updatedAt: true,
      firstReplyAt: true,
    },
    contact: { id: true, blocked: true },
    message: {
      id: true,
      type: true,
      private: true,
      contentType: true,
      sender: ACTOR,
      createdAt: true,
      deleted: true,
      automated: true,
      attachments: true,
    },
    actor: ACTOR,
  },
};

const LONGEST_TEXT = 200;
const MOST_FIELDS = 40;

/**
 * A job's data as it may be shown to anybody who may see the console: by a list of what is harmless, so that what a
 * later version adds, or a hand has written, is masked until somebody thinks of it. However large or deep the data is,
 * what comes out is small.
 */
export function maskJobData(data: unknown): unknown {
  return masked(data, HARMLESS);
}

function masked(value: unknown, rule: Rule | undefined): unknown {
  if (value === null || value === undefined) return null;
  if (rule === undefined) return MASK;
  if (rule instanceof RegExp) return typeof value === 'string' && rule.test(value) ? value : MASK;
  if (rule !== true) return isRecord(value) ? maskedFields(value, rule) : MASK;
  if (typeof value === 'number' || typeof value === 'boolean') return value;
  if (typeof value !== 'string') return MASK;
  return value.length <= LONGEST_TEXT ? value : `${value.slice(0, LONGEST_TEXT)}…`;
}

function maskedFields(value: object, rule: { readonly [field: string]: Rule }): Record<string, unknown> {
  const shown: [string, unknown][] = [];
  for (const field in value) {
    if (!Object.hasOwn(value, field)) continue;
    if (shown.length === MOST_FIELDS) break;
    const its = Object.hasOwn(rule, field) ? rule[field] : undefined;
    shown.push([field.slice(0, LONGEST_TEXT), masked(Reflect.get(value, field), its)]);
  }
  return Object.fromEntries(shown);
}

function isRecord(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
