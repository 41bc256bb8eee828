import { currentDelivery, type Tracing } from '@switchyard/telemetry';
import type { Customers } from './customers.ts';

/** A span for each lookup that a delivery asks for; never whom it is about. */
export function traceCustomers(customers: Customers, tracing: Tracing): Customers {
  return {
    ...customers,
    find(email) {
      const attributes = {
        'switchyard.target': 'customers',
        'switchyard.operation': 'find',
        'switchyard.delivery': currentDelivery() ?? null,
        'db.system.name': 'postgresql',
      };
      return tracing.span('customers: find', { kind: 'client', attributes }, () => customers.find(email));
    },
  };
}
