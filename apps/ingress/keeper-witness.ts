import type { PlannedDelivery } from '@switchyard/jobs';

/**
 * The first delivery that shares no lane with any before it; so it may go to Redis before them. Null when there is
 * none.
 */
export function independentOf(deliveries: readonly PlannedDelivery[]): PlannedDelivery | null {
  const taken = new Set<string>();
  for (const [index, delivery] of deliveries.entries()) {
    const lanes = delivery.jobs.map(({ queue, lane }) => `${queue} ${lane}`);
    if (index > 0 && lanes.every((lane) => !taken.has(lane))) return delivery;
    for (const lane of lanes) taken.add(lane);
  }
  return null;
}
