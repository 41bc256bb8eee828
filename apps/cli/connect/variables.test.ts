import { describe, expect, test } from 'vitest';
import { type SourcePlace, sourceVariables } from './variables.ts';

const TOKEN = 'u8-Xw_2bQ0pLr5TzKc9vNd1MfYj3GhEa';
const SIGNED = { kind: 'account' as const, secrets: ['known-secret'] };
const UNSIGNED = { kind: 'account' as const, unsigned: { token: TOKEN } };
const place: SourcePlace = {
  source: 'default',
  account: null,
  secrets: ['fresh-secret'],
  unsigned: null,
  botToken: null,
  sources: { default: SIGNED },
  inFile: [],
  written: '',
};

describe('where what a source has to know goes', () => {
  test.each<[string, Partial<SourcePlace>, Record<string, string>, string | null]>([
    ['beside what is there', {}, { CHATWOOT_WEBHOOK_SECRET: 'known-secret,fresh-secret' }, null],
    ['nowhere when it is there', { secrets: ['known-secret'] }, {}, null],
    ['alone when there is none', { sources: {} }, { CHATWOOT_WEBHOOK_SECRET: 'fresh-secret' }, null],
    [
      'beside that of the file that is written',
      { written: 'CHATWOOT_WEBHOOK_SECRET=of-the-file\n' },
      { CHATWOOT_WEBHOOK_SECRET: 'of-the-file,fresh-secret' },
      null,
    ],
    [
      'nowhere when the file that is written has it',
      { written: 'CHATWOOT_WEBHOOK_SECRET=fresh-secret\nCHATWOOT_ACCOUNT=3\n', account: 3 },
      {},
      null,
    ],
    [
      'into a variable of its own for another source, which the config file has to read',
      { source: 'shop-two', account: 3 },
      { CHATWOOT_WEBHOOK_SECRET_SHOP_TWO: 'fresh-secret' },
      "sources: { 'shop-two': { account: 3, secrets: process.env.CHATWOOT_WEBHOOK_SECRET_SHOP_TWO?.split(',') ?? [] } }",
    ],
    [
      'also into the config file when that describes the default source',
      { inFile: ['default'], account: 3 },
      { CHATWOOT_WEBHOOK_SECRET: 'known-secret,fresh-secret', CHATWOOT_ACCOUNT: '3' },
      "sources: { default: { secrets: process.env.CHATWOOT_WEBHOOK_SECRET?.split(',') ?? [] } }",
    ],
    [
      'with the account and the token of the bot',
      { account: 3, botToken: 'bot' },
      {
        CHATWOOT_WEBHOOK_SECRET: 'known-secret,fresh-secret',
        CHATWOOT_ACCOUNT: '3',
        CHATWOOT_BOT_TOKEN: 'bot',
      },
      null,
    ],
    [
      'as a token in the environment where nothing is signed',
      { secrets: [], unsigned: { source: 'unsigned', token: TOKEN }, account: 3, sources: {} },
      { CHATWOOT_UNSIGNED_TOKEN: TOKEN, CHATWOOT_ACCOUNT: '3' },
      null,
    ],
    [
      'nowhere when the token is there',
      { secrets: [], unsigned: { source: 'unsigned', token: TOKEN }, sources: { unsigned: UNSIGNED } },
      {},
      null,
    ],
    [
      'as a token for another source, which the config file has to read',
      { source: 'shop', secrets: [], unsigned: { source: 'shop-unsigned', token: TOKEN }, account: 3 },
      { CHATWOOT_UNSIGNED_TOKEN_SHOP: TOKEN },
      "sources: { 'shop-unsigned': { account: 3, unsigned: { token: process.env.CHATWOOT_UNSIGNED_TOKEN_SHOP ?? '' } } }",
    ],
  ])('%s', (_name, over, env, configFile) => {
    expect(sourceVariables({ ...place, ...over })).toEqual({ env, configFile });
  });
});
