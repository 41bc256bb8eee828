import { createHmac, randomInt } from 'node:crypto';

/** `X-Chatwoot-Signature` over `<timestamp>.<raw body>` (contract §1.1). `timestamp` is in epoch seconds. */
export function signature(secret: string, timestamp: string, rawBody: string): string {
  return `sha256=${createHmac('sha256', secret).update(`${timestamp}.${rawBody}`).digest('hex')}`;
}

/** JSON the way Rails writes it: `& < >` and the two Unicode line separators escaped (contract §1.1). */
export function railsJson(value: unknown): string {
  return JSON.stringify(value).replace(/[&<>\u2028\u2029]/g, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}

const base58 = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz';

/** 24 base58 characters, like Rails' `has_secure_token`. */
export function secureToken(): string {
  return Array.from({ length: 24 }, () => base58.charAt(randomInt(base58.length))).join('');
}
