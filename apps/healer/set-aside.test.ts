import { CallFailure, type FailureKind } from '@switchyard/chatwoot';
import { expect, test } from 'vitest';
import { createAside } from './set-aside.ts';

function failure(kind: FailureKind, code: string): CallFailure {
  return new CallFailure(kind, 'no', { code, target: 'chatwoot' });
}

test.each<[string, FailureKind, string]>([
  ['a 500', 'transient', 'CHATWOOT_SERVER_ERROR'],
  ['not allowed here', 'permanent', 'CHATWOOT_FORBIDDEN'],
  ['an account that is suspended', 'refused', 'CHATWOOT_ACCOUNT_SUSPENDED'],
])('%s is set aside', (_what, kind, code) => {
  const aside = createAside();
  const error = failure(kind, code);
  aside.set('inbox', error);
  aside.set('inbox', error);
  expect(aside.all()).toEqual([{ what: 'inbox', count: 2, err: error }]);
});

test.each<[string, FailureKind, string]>([
  ['a refused token', 'refused', 'CHATWOOT_UNAUTHORIZED'],
  ['a Chatwoot that is away', 'outage', 'CHATWOOT_UNAVAILABLE'],
])('%s ends the round', (_what, kind, code) => {
  const error = failure(kind, code);
  expect(() => createAside().set('inbox', error)).toThrow(error);
});

test('what nobody can explain ends the round when it is one after the other', () => {
  const aside = createAside();
  const strange = new Error('strange');
  for (let job = 0; job < 20; job += 1) {
    aside.set('job', strange);
    aside.wentWell();
  }
  for (let job = 0; job < 4; job += 1) aside.set('job', strange);
  expect(() => aside.set('job', strange)).toThrow(strange);
});
