import { describe, expect, it } from 'vitest';
import { retryAfterMs } from './retry-after.ts';

const now = Date.parse('2026-06-18T08:00:00Z');

describe('how long a 429 asks to wait', () => {
  it.each([
    { headers: {}, ms: null },
    { headers: { 'retry-after': '7' }, ms: 7_000 },
    { headers: { 'retry-after': '0' }, ms: 0 },
    { headers: { 'retry-after': '1.5' }, ms: 1_500 },
    { headers: { 'retry-after': 'Thu, 18 Jun 2026 08:00:30 GMT' }, ms: 30_000 },
    { headers: { 'retry-after': 'Thu, 18 Jun 2026 07:00:00 GMT' }, ms: 0 },
    { headers: { 'retry-after': 'soon' }, ms: null },
    { headers: { 'retry-after': '-5' }, ms: null },
    { headers: { 'retry-after': '31536000' }, ms: 3_600_000 },
    { headers: { 'retry-after': 'Fri, 18 Jun 2027 08:00:00 GMT' }, ms: 3_600_000 },
    { headers: { 'x-ratelimit-reset': '12' }, ms: 12_000 },
    { headers: { 'x-ratelimit-reset': String(now / 1000 + 20) }, ms: 20_000 },
    { headers: { 'x-ratelimit-reset': String(now + 20_000) }, ms: 20_000 },
    { headers: { 'retry-after': '3', 'x-ratelimit-reset': '90' }, ms: 3_000 },
  ])('$headers → $ms', ({ headers, ms }) => {
    expect(retryAfterMs(headers, now)).toBe(ms);
  });
});
