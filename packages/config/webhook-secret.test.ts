import { expect, it } from 'vitest';
import { readEnv } from './env.ts';
import { webhookSecretFault } from './webhook-secret.ts';

it.each(['hG7kQ2mVx9RtYb4LnWc8ZpDs', 'u8-Xw_2bQ0pLr5TzKc9vNd1MfYj3GhEa', 'a-secret-of-24-characters'])(
  'takes what may be a real one: %s',
  (secret) => {
    expect(webhookSecretFault(secret)).toBeNull();
  },
);

it.each([
  'changeme-changeme',
  'CHANGE_ME_PLEASE_1234',
  'your-webhook-secret-here',
  'chatwoot-secret-123',
  '0123401234012340123401234',
  'aaaaaaaaaaaaaaaaaaaaaaaa',
])('refuses a placeholder: %s', (secret) => {
  expect(webhookSecretFault(secret)).toMatch(/^this is a placeholder or easily guessed; copy the secret/);
  expect(() => readEnv({ CHATWOOT_WEBHOOK_SECRET: `hG7kQ2mVx9RtYb4LnWc8ZpDs,${secret}` })).toThrow(
    /^CHATWOOT_WEBHOOK_SECRET: this is a placeholder/,
  );
});
