import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ChatwootEvent } from './event.ts';
import { EventParseError } from './event-parse-error.ts';
import { parseEvent } from './parse.ts';
import { isJsonObject } from './readers.ts';
import { semanticKey } from './semantic-key.ts';
import { delivery, payload, payloadFiles } from './testing-fixtures.ts';

const file = fc.constantFrom(...payloadFiles);
const json = fc.jsonValue({ maxDepth: 3, stringUnit: 'binary' });
const keys = [
  'id',
  'event',
  'conversation',
  'meta',
  'sender',
  'account',
  'labels',
  'changed_attributes',
  'messages',
];

/** Parses; checks that only EventParseError comes out, and that an event can be stored and keyed. */
function parsesOrRefuses(body: unknown): ChatwootEvent | null {
  try {
    const event = parseEvent(body, delivery);
    const text = JSON.stringify(event);
    expect(JSON.parse(text)).toEqual(event);
    expect(text.isWellFormed()).toBe(true);
    semanticKey(event);
    return event;
  } catch (error) {
    if (!(error instanceof EventParseError)) throw error;
    return null;
  }
}

describe('nothing makes it throw anything but EventParseError', () => {
  test('arbitrary JSON', () => {
    fc.assert(
      fc.property(json, (body) => void parsesOrRefuses(body)),
      { numRuns: 300 },
    );
  });

  test('arbitrary values under the keys that are read', () => {
    const object = fc.dictionary(fc.constantFrom(...keys), json);
    fc.assert(
      fc.property(file, object, (name, changes) => void parsesOrRefuses({ ...payload(name), ...changes })),
      { numRuns: 300 },
    );
  });

  test('fixtures with any part replaced', () => {
    fc.assert(
      fc.property(file, fc.nat(), json, (name, position, value) => {
        parsesOrRefuses(replacePart(payload(name), position, value));
      }),
      { numRuns: 500 },
    );
  });

  test('nesting deep enough to break a recursion', () => {
    const deep: unknown = JSON.parse(`${'{"a":'.repeat(20_000)}1${'}'.repeat(20_000)}`);
    for (const key of [
      'conversation',
      'custom_attributes',
      'changed_attributes',
      'meta',
      'labels',
      'account',
    ]) {
      parsesOrRefuses(payload('conversation_updated.json', { [key]: deep }));
    }
  });
});

describe('what comes out is bounded', () => {
  test('in size, whatever comes in', () => {
    const long = 'x'.repeat(2_000_000);
    const many = new Array(200_000).fill('label');
    const wide = Object.fromEntries(
      Array.from({ length: 20_000 }, (_, i) => [`key${i}`, long.slice(0, 100)]),
    );
    const person = {
      id: 1,
      name: long,
      email: long,
      identifier: long,
      custom_attributes: wide,
      type: 'user',
    };
    const body = payload('message_created.json', {
      content: long,
      content_type: long,
      attachments: many,
      content_attributes: { switchyard: long, ...wide },
      sender: person,
      inbox: { id: 1, name: long },
      changed_attributes: many.map((_, i) => ({ [`k${i}`]: { previous_value: long, current_value: wide } })),
      conversation: {
        id: 1,
        channel: long,
        labels: many,
        custom_attributes: wide,
        additional_attributes: { browser_language: long },
        meta: { sender: person, assignee: person, team: person },
      },
    });
    const event = parsesOrRefuses(body);
    expect(event?.message?.content).toHaveLength(150_000);
    expect(event?.conversation?.labels).toHaveLength(100);
    expect(event?.conversation?.customAttributes).toEqual({});
    expect(event?.message?.marker).toBeNull();
    expect(JSON.stringify(event).length).toBeLessThan(170_000);
  });

  test('custom attributes are whole or nothing', () => {
    const fits = { note: 'x'.repeat(16_000) };
    const meta = (custom_attributes: unknown) => ({ meta: { sender: { id: 1, custom_attributes } } });
    const attributes = (given: unknown) =>
      parsesOrRefuses(payload('conversation_created.json', meta(given)))?.contact?.customAttributes;
    expect(attributes(fits)).toEqual(fits);
    expect(attributes({ ...fits, more: 'x'.repeat(400) })).toEqual({});
  });
});

test('a __proto__ key changes nothing', () => {
  const text =
    '{"event":"contact_created","id":1,"name":"M","custom_attributes":{"__proto__":{"a":1},"b":2}}';
  const event = parsesOrRefuses(JSON.parse(text));
  expect(event?.contact?.customAttributes).toEqual({ b: 2 });
  const poisoned: unknown = JSON.parse(
    '{"event":"contact_created","id":1,"__proto__":{"email":"a@example.com"}}',
  );
  expect(parsesOrRefuses(poisoned)?.contact?.email).toBeNull();
});

describe('credentials', () => {
  test.each(payloadFiles)('none of %s is in the event', (name) => {
    const text = JSON.stringify(parseEvent(payload(name), delivery));
    expect(text).not.toMatch(/EXAMPLE-|pubsub_token|hmac_token|"secret"/);
  });

  test('none is in the event wherever it stands', () => {
    const planted = {
      pubsub_token: 'PLANTED',
      hmac_token: 'PLANTED',
      secret: 'PLANTED',
      channel: { token: 'PLANTED' },
    };
    fc.assert(
      fc.property(file, (name) => {
        const body = plantEverywhere(payload(name), planted);
        const changed = Object.keys(planted).map((key) => ({
          [key]: { previous_value: 'PLANTED', current_value: 'PLANTED' },
        }));
        for (const changed_attributes of [changed, planted, { settings: { current_value: planted } }]) {
          const text = JSON.stringify(parsesOrRefuses({ ...body, changed_attributes }));
          expect(text).not.toContain('PLANTED');
        }
      }),
      { numRuns: 60 },
    );
  });
});

function plantEverywhere(value: unknown, planted: object): Record<string, unknown> {
  const plant = (part: unknown): unknown => {
    if (Array.isArray(part)) return part.map(plant);
    if (!isJsonObject(part)) return part;
    const copy = Object.fromEntries(Object.entries(part).map(([key, item]) => [key, plant(item)]));
    return { ...copy, ...planted };
  };
  const body = plant(value);
  return isJsonObject(body) ? { ...body } : {};
}

/** Replaces the n-th part, counted in order of appearance. */
function replacePart(body: unknown, position: number, value: unknown): unknown {
  let left = position % 150;
  const walk = (part: unknown): unknown => {
    left -= 1;
    if (left === -1) return value;
    if (Array.isArray(part)) return part.map(walk);
    if (!isJsonObject(part)) return part;
    return Object.fromEntries(Object.entries(part).map(([key, item]) => [key, walk(item)]));
  };
  return walk(body);
}
