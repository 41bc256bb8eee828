const OPENING = /\{(?=[{%])/g;
const ZERO_WIDTH_JOINER = '\u200d';

/**
 * Text that we did not write, made safe to send: Chatwoot renders Liquid in every outgoing message, private
 * notes too (contract §3.2), so a customer's `{{ contact.email }}` or a model's `{% if %}` would be run. A
 * zero-width joiner after the first brace keeps it as it reads. Idempotent. Use it on the finished text: two
 * harmless halves can meet as `{` and `{`.
 */
export function neutraliseLiquid(text: string): string {
  return text.replace(OPENING, `{${ZERO_WIDTH_JOINER}`);
}
