import { expect, test } from 'vitest';
import { createLoginLimit } from './login-limit.ts';

function limitAt(clock: { now: number }) {
  return createLoginLimit({ attempts: 3, windowMs: 1_000, now: () => clock.now });
}

test('so many wrong passwords in a while, then a wait until the oldest is that old', () => {
  const clock = { now: 0 };
  const limit = limitAt(clock);
  for (clock.now of [0, 100, 200]) {
    expect(limit.waitMs('10.0.0.1')).toBe(0);
    limit.failed('10.0.0.1');
  }
  expect(limit.waitMs('10.0.0.1')).toBe(800);
  clock.now = 999;
  expect(limit.waitMs('10.0.0.1')).toBe(1);
  clock.now = 1_000;
  expect(limit.waitMs('10.0.0.1')).toBe(0);
});

test('another address may still try; all of one IPv6 network are one', () => {
  const limit = limitAt({ now: 0 });
  for (let at = 0; at < 3; at += 1) limit.failed(`2001:db8:1:2::${at}`);
  expect(limit.waitMs('2001:db8:1:2:ffff::1')).toBe(1_000);
  expect(limit.waitMs('2001:db8:1:3::1')).toBe(0);
  expect(limit.waitMs('10.0.0.1')).toBe(0);
});

test('who gets in begins anew', () => {
  const limit = limitAt({ now: 0 });
  for (let at = 0; at < 2; at += 1) limit.failed('10.0.0.1');
  limit.succeeded('10.0.0.1');
  limit.failed('10.0.0.1');
  expect(limit.waitMs('10.0.0.1')).toBe(0);
});

test('it does not grow without end', () => {
  const limit = limitAt({ now: 0 });
  for (let at = 0; at < 3; at += 1) limit.failed('first');
  for (let at = 0; at < 10_000; at += 1) limit.failed(`address ${at}`);
  expect(limit.waitMs('first')).toBe(0);
});
