import { expect, test } from 'vitest';
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
  expect(writtenText({ id: 7, content, conversation })).toBe(text);
});
