import { describe, expect, test } from 'vitest';
import { refusal } from './same-origin.ts';

const ALLOWED = ['ops.example.com'];
const get = (host: string | undefined) =>
  refusal({ method: 'GET', host, origin: undefined, site: undefined }, ALLOWED);

describe('the name it is reached by', () => {
  test.each([
    '127.0.0.1:3001',
    '10.1.2.3',
    '[::1]:3001',
    'localhost:3001',
    'console:3001',
    'console.localhost',
    'ops.example.com',
    'OPS.example.com:443',
  ])('%s is good', (host) => {
    expect(get(host)).toBeNull();
  });

  test.each([
    'evil.example',
    'ops.example.com.evil.example',
    'evil.example:3001',
    undefined,
    '',
    'user@localhost',
    'local host',
    'localhost/x',
    '127.0.0.1.evil.example',
  ])('%s is not', (host) => {
    expect(get(host)).toContain('CONSOLE_ALLOWED_HOSTS');
  });
});

describe('what changes something', () => {
  const post = (origin: string | undefined, site: string | undefined, host = 'localhost:3001') =>
    refusal({ method: 'POST', host, origin, site }, ALLOWED);

  test.each([
    ['http://localhost:3001', 'same-origin'],
    ['http://localhost:3001', undefined],
    [undefined, 'same-origin'],
  ])('may come from %s, %s', (origin, site) => {
    expect(post(origin, site)).toBeNull();
  });

  test('may come through a proxy that speaks TLS', () => {
    expect(post('https://ops.example.com', 'same-origin', 'ops.example.com')).toBeNull();
  });

  test.each([
    ['http://evil.example', undefined],
    ['http://localhost:3001', 'cross-site'],
    ['http://localhost:3001', 'same-site'],
    ['http://localhost:3000', undefined],
    ['http://localhost', undefined],
    ['null', undefined],
    [undefined, 'none'],
    [undefined, undefined],
  ])('may not come from %s, %s', (origin, site) => {
    expect(post(origin, site)).toContain('own pages');
  });
});
