import { isGuessed } from './guessed.ts';

/** Chatwoot makes them, with 24 or 32 random characters (contract §1.1); anything much shorter was not copied whole. */
const LEAST_WEBHOOK_SECRET = 16;

/** What is wrong with a webhook's secret; null when nothing is. Never says any of it. */
export function webhookSecretFault(secret: string): string | null {
  if (secret.length < LEAST_WEBHOOK_SECRET) {
    return `a secret has at least ${LEAST_WEBHOOK_SECRET} characters; copy it from Chatwoot whole`;
  }
  return isGuessed(secret)
    ? 'this is a placeholder or easily guessed; copy the secret from Chatwoot → Settings → Integrations → Webhooks'
    : null;
}
