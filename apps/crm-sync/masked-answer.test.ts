import fc from 'fast-check';
import { expect, it } from 'vitest';
import { maskedAnswer } from './masked-answer.ts';

const sent = JSON.stringify({
  name: 'Mara Lind',
  email: 'mara@example.com',
  phone: '+49 151 2345678',
  note: 'Hi',
});

it.each([
  ['{"error":"email is not valid","field":"email"}', '{"error":"email is not valid","field":"email"}'],
  ['{"error":"mara@example.com is taken"}', '{"error":"… is taken"}'],
  ['{"error":"MARA LIND exists as lead 4711"}', '{"error":"… exists as lead 4711"}'],
  ['LIND, Mara: no such person', '…, …: no such person'],
  ['owner is otto@crm.example, call 0151 999 8877', 'owner is …, call …'],
  ['bad\u001b[31m\nline\u202e', 'bad [31m line'],
  ['<html><body>503 for Mara Lind</body></html>', ''],
  ['', ''],
])('of %j keeps %j', (body, kept) => expect(maskedAnswer(body, sent)).toBe(kept));

it('is bounded, whatever comes', () => {
  fc.assert(
    fc.property(fc.string(), fc.jsonValue(), (body, value) => {
      expect(maskedAnswer(body.repeat(50), JSON.stringify(value)).length).toBeLessThanOrEqual(201);
    }),
  );
});
