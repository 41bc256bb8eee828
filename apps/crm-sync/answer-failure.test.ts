import { describe, expect, it } from 'vitest';
import { answerFailure } from './answer-failure.ts';

const now = Date.parse('2026-06-18T08:00:00Z');

describe('what an answer of the CRM means', () => {
  it.each([200, 201, 202, 204])('%i is a success', (status) => {
    expect(answerFailure('create', { method: 'POST' }, { status, headers: {}, body: '' }, now)).toBeNull();
  });

  it.each([
    { status: 301, operation: 'create', failure: 'permanent', code: 'CRM_REDIRECTED' },
    { status: 400, operation: 'create', failure: 'permanent', code: 'CRM_REJECTED' },
    { status: 401, operation: 'create', failure: 'permanent', code: 'CRM_UNAUTHORIZED' },
    { status: 403, operation: 'update', failure: 'permanent', code: 'CRM_UNAUTHORIZED' },
    { status: 404, operation: 'update', failure: 'permanent', code: 'CRM_NOT_FOUND' },
    { status: 404, operation: 'create', failure: 'permanent', code: 'CRM_NOT_FOUND' },
    { status: 410, operation: 'update', failure: 'permanent', code: 'CRM_NOT_FOUND' },
    { status: 408, operation: 'create', failure: 'unknown-outcome', code: 'CRM_TRY_AGAIN' },
    { status: 409, operation: 'create', failure: 'unknown-outcome', code: 'CRM_CONFLICT' },
    { status: 409, operation: 'lookup', failure: 'transient', code: 'CRM_CONFLICT' },
    { status: 422, operation: 'create', failure: 'permanent', code: 'CRM_REJECTED' },
    { status: 425, operation: 'create', failure: 'transient', code: 'CRM_TRY_AGAIN' },
    { status: 429, operation: 'create', failure: 'rate-limited', code: 'CRM_RATE_LIMITED' },
    { status: 500, operation: 'create', failure: 'unknown-outcome', code: 'CRM_FAILED' },
    { status: 500, operation: 'update', failure: 'unknown-outcome', code: 'CRM_FAILED' },
    { status: 500, operation: 'lookup', failure: 'transient', code: 'CRM_FAILED' },
    { status: 501, operation: 'create', failure: 'permanent', code: 'CRM_REJECTED' },
    { status: 502, operation: 'create', failure: 'unknown-outcome', code: 'CRM_AWAY' },
    { status: 503, operation: 'update', failure: 'outage', code: 'CRM_AWAY' },
    { status: 504, operation: 'create', failure: 'unknown-outcome', code: 'CRM_AWAY' },
    { status: 520, operation: 'create', failure: 'unknown-outcome', code: 'CRM_AWAY' },
    { status: 522, operation: 'create', failure: 'outage', code: 'CRM_AWAY' },
  ] as const)('$status to a lead’s $operation is $failure', ({ status, operation, failure, code }) => {
    const body = '{"error":"mara@example.com is taken"}';
    const found = answerFailure(
      operation,
      { method: operation === 'lookup' ? 'GET' : 'POST' },
      { status, headers: {}, body },
      now,
    );
    expect(found).toMatchObject({ failure, code, status, target: 'crm' });
    expect(found?.message).toContain(String(status));
    expect(found?.message).not.toContain('mara');
  });

  it('names the key that the CRM refuses', () => {
    expect(
      answerFailure('create', { method: 'POST' }, { status: 401, headers: {}, body: '' }, now)?.message,
    ).toContain('CRM_API_KEY');
  });

  it('keeps what the CRM says of a field, without what it quotes of a customer', () => {
    const body = '{"error":"email is not valid: Mara","field":"email"}';
    const request = { method: 'POST', body: '{"name":"Mara"}' } as const;
    expect(answerFailure('create', request, { status: 422, headers: {}, body }, now)?.message).toContain(
      'it says {"error":"email is not valid: …","field":"email"}',
    );
  });

  it('never waits for longer than an hour, whatever Retry-After says', () => {
    const headers = { 'retry-after': '31536000' };
    const found = answerFailure('create', { method: 'POST' }, { status: 429, headers, body: '' }, now);
    expect(found?.retryAfterMs).toBe(3_600_000);
  });
});
