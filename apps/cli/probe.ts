import { type DeliveryAnswer, postDelivery } from './post-delivery.ts';

/**
 * A delivery that is about nothing: it names an event and no conversation, so the ingress takes it, finds nothing in
 * it and answers `ignored`. No queue and no function of a custom worker is asked.
 */
const ABOUT_NOTHING = '{"event":"conversation_opened"}';

/** Whether an ingress takes deliveries signed with this secret; without effect. @throws {CommandFailure} nobody answers. */
export function probeIngress(
  url: string,
  secret: string | null,
  signal?: AbortSignal,
): Promise<DeliveryAnswer> {
  return postDelivery({ url, body: ABOUT_NOTHING, secret, signal });
}
