import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fixture } from '@switchyard/testkit';
import { expect, onTestFinished, test } from 'vitest';
import { readPayload, SAMPLES, withChanges } from './samples.ts';

test('every sample is there, and every file is a sample', () => {
  const files = readdirSync(join(import.meta.dirname, 'fixtures')).map((name) => name.replace('.json', ''));
  expect(files.sort()).toEqual(Object.keys(SAMPLES).sort());
});

test.each(Object.keys(SAMPLES).filter((name) => name !== 'nothing'))(
  '%s is what Chatwoot sends',
  async (name) => {
    const original = name === 'agent_reply' ? 'variants/message_created.outgoing_agent' : name;
    expect(await readPayload(name)).toBe(fixture(original).raw);
  },
);

test.each([
  [['id=7'], { id: 7, conversation: { id: 1, labels: [] } }],
  [['conversation.id=42', 'event=x'], { id: 1, conversation: { id: 42, labels: [] }, event: 'x' }],
  [['conversation.labels=["vip"]'], { id: 1, conversation: { id: 1, labels: ['vip'] } }],
  [['id=null'], { id: null, conversation: { id: 1, labels: [] } }],
  [['__proto__=1'], { id: 1, conversation: { id: 1, labels: [] }, ['__proto__']: 1 }],
])('--set %j', (changes, expected) => {
  const text = '{"id":1,"conversation":{"id":1,"labels":[]}}';
  expect(JSON.parse(withChanges(text, changes))).toEqual(expected);
});

test('unchanged, the bytes stay as they are; a path that leads nowhere is refused', () => {
  const text = '{ "id": 1 }\n';
  expect(withChanges(text, [])).toBe(text);
  expect(() => withChanges(text, ['contact.id=1'])).toThrow('the payload has nothing at contact');
});

test('what is neither sample nor file, and what is no JSON, is told by name', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'switchyard-cli-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, 'a.json'), '{');
  await expect(readPayload('message_creatd')).rejects.toMatchObject({ exit: 3, code: 'PAYLOAD_NOT_FOUND' });
  await expect(readPayload(join(folder, 'b.json'))).rejects.toThrow(`no file ${join(folder, 'b.json')}`);
  await expect(readPayload(join(folder, 'a.json'))).rejects.toMatchObject({
    exit: 2,
    code: 'PAYLOAD_NOT_JSON',
  });
  await expect(readPayload(folder)).rejects.toMatchObject({ exit: 2, code: 'PAYLOAD_UNREADABLE' });
});
