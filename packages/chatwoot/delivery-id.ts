import { hash } from 'node:crypto';

/** None that we make ourselves: of a body, or of a conversation that is handed over (packages/jobs/handover). */
const SANE = /^(?!body-|handover-)[A-Za-z0-9_.-]{1,100}$/;

/**
 * The identity of a delivery: `X-Chatwoot-Delivery`, or a digest of the body's bytes where Chatwoot sends none
 * (automation rules, macros, versions before 4.11.2; contract §1.2) or what came is no sane token.
 */
export function deliveryId(header: string | undefined, rawBody: Uint8Array): string {
  if (header !== undefined && SANE.test(header)) return header;
  return `body-${hash('sha256', rawBody, 'hex').slice(0, 32)}`;
}
