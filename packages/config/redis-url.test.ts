import { describe, expect, it } from 'vitest';
import { parseRedisUrl } from './redis-url.ts';

const nobody = { username: null, password: null, tls: false };

describe('parseRedisUrl', () => {
  it.each([
    ['redis://r:1', { kind: 'single', url: 'redis://r:1' }],
    ['rediss://:secret@r:6380/2', { kind: 'single', url: 'rediss://:secret@r:6380/2' }],
    [
      'redis+sentinel://a,b:2,[::1]:3/main',
      {
        kind: 'sentinel',
        sentinels: [
          { host: 'a', port: 26379 },
          { host: 'b', port: 2 },
          { host: '::1', port: 3 },
        ],
        name: 'main',
        db: 0,
        sentinelPassword: null,
        ...nobody,
      },
    ],
    [
      'rediss+sentinel://user:p%40ss@a:1/main/3?sentinelPassword=s%2Fp',
      {
        kind: 'sentinel',
        sentinels: [{ host: 'a', port: 1 }],
        name: 'main',
        db: 3,
        sentinelPassword: 's/p',
        username: 'user',
        password: 'p@ss',
        tls: true,
      },
    ],
    [
      'redis+cluster://a,b:7001',
      {
        kind: 'cluster',
        nodes: [
          { host: 'a', port: 6379 },
          { host: 'b', port: 7001 },
        ],
        ...nobody,
      },
    ],
    [
      'rediss+cluster://:pass:word@a:1/',
      {
        kind: 'cluster',
        nodes: [{ host: 'a', port: 1 }],
        username: null,
        password: 'pass:word',
        tls: true,
      },
    ],
  ])('reads %s', (url, expected) => expect(parseRedisUrl(url)).toEqual(expected));

  it.each([
    ['hunter22', /^expected a URL such as redis:/],
    ['http://:hunter22@r', /^expected a URL/],
    ['redis://', /^expected a URL/],
    ['redis+sentry://:hunter22@r', /^expected a URL/],
    ['redis://:hunter22@a:1,b:2', /^(several hosts|expected a URL)/],
    ['redis+sentinel://:hunter22@a:1', /^Sentinel: the name of the primary/],
    ['redis+sentinel://:hunter22@a:1/', /^Sentinel: the name of the primary/],
    ['redis+sentinel://:hunter22@a:1/main/x', /^Sentinel: what follows the name/],
    ['redis+sentinel://:hunter22@a:1/main/1/2', /^Sentinel: what follows the name/],
    ['redis+sentinel://:hunter22@a:1/main?db=3', /^has a parameter/],
    ['redis+sentinel://:hunter22@a:0/main', /^expected hosts/],
    ['redis+cluster://:hunter22@a:99999', /^expected hosts/],
    ['redis+cluster://:hunter22@a:1,,b:1', /^expected hosts/],
    ['redis+cluster://:hunter22@a:1/2', /^a cluster has no databases/],
    ['redis+cluster://:hunter22%@a:1', /^has a % that/],
    ['redis+cluster://:hunter22@more@a:1', /^expected a URL/],
  ])('refuses %s, without echoing it', (url, words) => {
    expect(() => parseRedisUrl(url)).toThrow(words);
    expect(() => parseRedisUrl(url)).not.toThrow(/hunter22/);
  });
});
