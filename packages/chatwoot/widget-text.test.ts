import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { parseEvent } from './parse.ts';
import { semanticKey } from './semantic-key.ts';
import { delivery } from './testing-fixtures.ts';
import { recorded } from './testing-recordings.ts';
import { writtenText } from './widget-text.ts';

const channel = 'Channel::WebWidget';
const copy = (id: number, content: string) => ({ channel, messages: [{ id, content }] });

test.each([
  ['its plain copy', '<p>yes</p>\n', copy(7, 'yes'), 'yes'],
  ['itself, where the copy is of another message', '<p>yes</p>\n', copy(8, 'no'), 'yes'],
  ['itself, unescaped', '<p>1 &lt; 2 &amp;&amp; &quot;a&quot;</p>\n', { channel }, '1 < 2 && "a"'],
  ['paragraphs and lines', '<p>a<br>\nb</p>\n<p><strong>c</strong></p>\n', { channel }, 'a\nb\n\nc'],
  ['entities once', '<p>&amp;lt;</p>\n', { channel }, '&lt;'],
  ['as it is, where it is plain', '<p>yes</p>', copy(7, 'other'), '<p>yes</p>'],
  ['as it is, of another channel', '<p>yes</p>\n', { channel: 'Channel::Api' }, '<p>yes</p>\n'],
  ['nothing', null, { channel }, null],
])('a text of the widget is read from %s', (_what, content, conversation, text) => {
  expect(writtenText({ event: 'message_created', id: 7, content, conversation })).toBe(text);
});

test('a text that a customer wrote as HTML stays as it is where Chatwoot does not render', () => {
  const content = '<p>yes</p>\n';
  expect(writtenText({ event: 'message_created', id: 7, content, conversation: copy(7, content) })).toBe(
    content,
  );
});

test('an update that a bot and an account get with different conversations is one event', () => {
  const update = (latest: number) =>
    parseEvent(
      {
        event: 'message_updated',
        id: 7,
        content: '<p>the <strong>big</strong> one</p>\n',
        message_type: 'incoming',
        account: { id: 1 },
        conversation: { id: 3, ...copy(latest, 'the **big** one') },
      },
      delivery,
    );
  expect(update(7).message?.content).toBe('the big one');
  expect(semanticKey(update(7))).not.toBeNull();
  expect(semanticKey(update(7))).toBe(semanticKey(update(8)));
});

const ofMessage = z.object({
  event: z.string(),
  id: z.number(),
  content: z.string(),
  content_type: z.string(),
  conversation: z.object({ channel: z.string() }),
});
const whole = z.object({ id: z.number(), content: z.string() });

describe.each(['4.10', '4.13', '4.16'])('a website inbox of Chatwoot %s', (version) => {
  const { answers, webhooks } = recorded();
  const ours = <Recorded extends { readonly file: string }>(all: readonly Recorded[]) =>
    all.filter(({ file }) => file.startsWith(version));
  /** What the API called the same messages. */
  const written = new Map(
    ours(answers).flatMap(({ file, body }) => {
      const list = z.object({ payload: z.array(z.unknown()) }).safeParse(body).data?.payload;
      return [...(list ?? []), body].flatMap((each) => {
        const message = whole.safeParse(each).data;
        return message === undefined ? [] : [[`${file} ${message.id}`, message.content] as const];
      });
    }),
  );

  test('its webhooks are read as the text that its API gives', () => {
    const read = ours(webhooks).flatMap(({ file, body }) => {
      const message = ofMessage.safeParse(body).data;
      if (message?.conversation.channel !== channel) return [];
      const text = written.get(`${file} ${message.id}`);
      if (text === undefined) return [];
      expect(/^<p>/.test(message.content)).toBe(version === '4.10');
      return [[parseEvent(body, delivery).message?.content, text]];
    });
    expect(read.length).toBeGreaterThan(5);
    for (const [own, text] of read) expect(own).toBe(text);
  });
});
