import type { Answer, DeliveryView } from './view.ts';

/** `Answered 200 “duplicate” in 2 ms.` */
export function answerOf(delivery: DeliveryView | undefined): string {
  if (delivery === undefined || delivery.status === null || delivery.ms === null) return 'No answer.';
  return `Answered ${delivery.status} “${delivery.answer}” in ${Math.max(1, Math.round(delivery.ms))} ms.`;
}

/** `The ingress answered: 3 spooled, 1 failed.`; empty when nothing came that any queue wants. */
export function answersOf(deliveries: readonly DeliveryView[]): string {
  const counts = new Map<Answer, number>();
  for (const { answer } of deliveries) {
    if (answer !== null && answer !== 'ignored') counts.set(answer, (counts.get(answer) ?? 0) + 1);
  }
  const words = [...counts].map(([answer, times]) => `${times} ${answer}`);
  return words.length === 0 ? '' : `The ingress answered: ${words.join(', ')}.`;
}

/** The time since `startedAt` (of `performance.now()`): `340 ms`, `2.7 s`. */
export function since(startedAt: number): string {
  const ms = performance.now() - startedAt;
  return ms < 1_000 ? `${Math.round(ms)} ms` : `${(ms / 1_000).toFixed(1)} s`;
}

export function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? '' : 's'}`;
}
