import type { RoutingFacts, RoutingTest } from '@switchyard/config';
import { describe, expect, it } from 'vitest';
import { allHold, factAt, holds } from './condition.ts';

const facts: RoutingFacts = {
  customer: { subscription_tier: ' Enterprise ', seats: '250', trial: false, note: '' },
  contact: { name: null, email: 'a@b.example', phone: null, country: 'Sweden', custom: { plan: 'pro' } },
  conversation: { channel: 'Channel::Email', language: 'sv', labels: ['vip', 'billing'], custom: {} },
  inbox: { id: 12, name: 'Website' },
};

describe('a test of a rule', () => {
  const cases: { path: string; test: RoutingTest; holds: boolean }[] = [
    { path: 'customer.subscription_tier', test: 'enterprise', holds: true },
    { path: 'customer.subscription_tier', test: 'ENTERPRISE ', holds: true },
    { path: 'customer.subscription_tier', test: 'enter', holds: false },
    { path: 'customer.subscription_tier', test: ['pro', 'enterprise'], holds: true },
    { path: 'customer.subscription_tier', test: { is: 'enterprise' }, holds: true },
    { path: 'customer.subscription_tier', test: { not: 'enterprise' }, holds: false },
    { path: 'customer.subscription_tier', test: { in: ['pro', 'enterprise'], not: 'pro' }, holds: true },
    { path: 'customer.none', test: null, holds: true },
    { path: 'customer.none', test: { not: 'x' }, holds: true },
    { path: 'customer.none', test: { exists: false }, holds: true },
    { path: 'customer.none', test: { below: 5 }, holds: false },
    { path: 'customer.note', test: { exists: true }, holds: false },
    { path: 'customer.seats', test: { atLeast: 250 }, holds: true },
    { path: 'customer.seats', test: { atLeast: 100, below: 250 }, holds: false },
    { path: 'customer.seats', test: 250, holds: true },
    { path: 'customer.trial', test: false, holds: true },
    { path: 'customer.trial', test: true, holds: false },
    { path: 'contact.custom.plan', test: 'pro', holds: true },
    { path: 'contact.custom.constructor', test: { exists: true }, holds: false },
    { path: 'contact.name', test: { exists: true }, holds: false },
    { path: 'conversation.labels', test: 'VIP', holds: true },
    { path: 'conversation.labels', test: { not: 'billing' }, holds: false },
    { path: 'conversation.labels', test: { exists: true }, holds: true },
    { path: 'inbox.id', test: [12, 13], holds: true },
  ];
  it.each(cases)('$path $test → $holds', ({ path, test, holds: expected }) => {
    expect(holds(test, factAt(facts, path))).toBe(expected);
  });

  it('holds with others only when all do', () => {
    expect(allHold({ 'inbox.id': 12, 'contact.country': 'sweden' }, facts)).toBe(true);
    expect(allHold({ 'inbox.id': 12, 'contact.country': 'norway' }, facts)).toBe(false);
  });

  it('of a customer finds nothing when there is none', () => {
    expect(holds('enterprise', factAt({ ...facts, customer: null }, 'customer.subscription_tier'))).toBe(
      false,
    );
  });
});
