import { expect, test } from 'vitest';
import { shareOf, trustedProxies } from './address.ts';

test.each([
  ['203.0.113.7', '203.0.113.7'],
  ['::ffff:203.0.113.7', '203.0.113.7'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2'],
  ['2001:0DB8:1:2::9', '2001:db8:1:2'],
  ['2001:db8::9', '2001:db8:0:0'],
  ['::1', '0:0:0:0'],
  ['fe80::1%eth0', 'fe80:0:0:0'],
  ['no address', 'no address'],
])('%s counts on the share of %s', (address, share) => {
  expect(shareOf(address)).toBe(share);
});

test.each([
  [['10.1.0.0/16'], '10.1.2.3', true],
  [['10.1.0.0/16'], '::ffff:10.1.2.3', true],
  [['10.1.0.0/16'], '10.2.2.3', false],
  [['192.0.2.1'], '192.0.2.1', true],
  [['loopback'], '127.0.0.1', true],
  [['uniquelocal'], 'fd00::1', true],
  [['uniquelocal'], '203.0.113.7', false],
  [['uniquelocal'], '', false],
] as const)('with trustProxy %j, %s is a proxy of ours: %s', (setting, address, trusted) => {
  expect(trustedProxies(setting)(address)).toBe(trusted);
  expect([trustedProxies(true)(address), trustedProxies(false)(address)]).toEqual([true, false]);
});
