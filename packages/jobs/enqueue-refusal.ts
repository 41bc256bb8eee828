/** Redis ran the script, and one delivery could not be entered: a key of its own lane holds what is not ours. */
class DeliveryRefused extends Error {
  override readonly name = 'DeliveryRefused';
  readonly code = 'DELIVERY_REFUSED';
  constructor(delivery: string, key: string) {
    super(`delivery ${delivery} can not be entered: the key ${key} in Redis has another type than ours has`);
  }
}

/** The same where the key is the queue's own: nothing gets into this queue, whatever delivery it is. */
class QueueBroken extends Error {
  override readonly name = 'QueueBroken';
  readonly code = 'QUEUE_BROKEN';
  constructor(key: string) {
    super(
      `the key ${key} in Redis has another type than BullMQ or Switchyard give it, so nothing gets into its queue; look at it (redis-cli TYPE), save what it holds and delete it`,
    );
  }
}

/** @param answer of the script: `queue:` or `lane:`, and the key that stands in the way. */
export function refusalOf(answer: string, delivery: string): Error {
  const [, scope, key] = /^(queue|lane):(.*)$/s.exec(answer) ?? [];
  return scope === 'queue' ? new QueueBroken(key ?? '') : new DeliveryRefused(delivery, key ?? answer);
}
