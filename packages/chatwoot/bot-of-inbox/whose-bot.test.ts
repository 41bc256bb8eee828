import { expect, test } from 'vitest';
import { leadsToIngress, whoseBot } from './whose-bot.ts';

const here = 'https://switchyard.example.com/webhooks/chatwoot';
const there = 'https://rasa.example.com/webhooks/chat';
const bot = { id: 5, name: 'Bot', outgoingUrl: there, accessToken: 'ours', secret: null };

test.each([
  ['has our token, wherever it posts', {}, 'ours', 'ours'],
  ['has another token, though it posts here', { outgoingUrl: here, accessToken: 'theirs' }, 'ours', 'other'],
  ['hides its token and posts here', { outgoingUrl: here, accessToken: null }, 'ours', 'ours'],
  ['hides its token and posts elsewhere', { accessToken: null }, 'ours', 'other'],
  ['hides all, and we have a bot', { outgoingUrl: null, accessToken: null }, 'ours', 'ours'],
  ['posts here, and we have no token', { outgoingUrl: here }, null, 'ours'],
  ['posts elsewhere, and we have no token', {}, null, 'other'],
  ['posts nowhere, and we have no token', { outgoingUrl: '' }, null, 'other'],
] as const)('a bot that %s', (_what, over, botToken, kind) => {
  expect(whoseBot({ ...bot, ...over }, botToken)).toEqual({ kind, id: 5 });
});

test('no bot is none', () => {
  expect(whoseBot(null, 'ours')).toEqual({ kind: 'none' });
});

test.each([
  [here, true],
  [`${here}/shop/token`, true],
  ['http://[::1]:8080/switchyard/webhooks/chatwoot/unsigned/token', true],
  [there, false],
  ['https://rasa.example.com/?next=/webhooks/chatwoot', false],
  ['no address', false],
])('%s leads to an ingress: %s', (url, expected) => {
  expect(leadsToIngress(url)).toBe(expected);
});
