import type { CustomerRow } from '@switchyard/testkit';
import type { CustomerView } from './view.ts';

/** Someone a visitor can write as. */
export interface Customer extends CustomerView {
  readonly phone: string | null;
  /** Null: not in the customers database. */
  readonly tier: 'enterprise' | 'standard' | null;
}

export const customers: readonly Customer[] = [
  {
    id: 'priya',
    name: 'Priya Sharma',
    shortName: 'Priya',
    email: 'priya.sharma@globex.example',
    phone: '+14155550134',
    tier: 'enterprise',
    kind: 'enterprise',
    note: 'Priya Sharma of Globex: an enterprise plan in the customers database.',
  },
  {
    id: 'tom',
    name: 'Tom Becker',
    shortName: 'Tom',
    email: 'tom@beckers-bikes.example',
    phone: null,
    tier: 'standard',
    kind: 'standard',
    note: 'Tom Becker: a standard plan in the customers database.',
  },
  {
    id: 'alex',
    name: 'Alex Stone',
    shortName: 'Alex',
    email: 'alex.stone@mail.example',
    phone: null,
    tier: null,
    kind: 'stranger',
    note: 'Alex Stone: has an e-mail address, and no record in the customers database.',
  },
  {
    id: 'visitor',
    name: 'quiet-harbor-7',
    shortName: 'Visitor',
    email: null,
    phone: null,
    tier: null,
    kind: 'no e-mail',
    note: 'A visitor who left nothing; Chatwoot made the name up.',
  },
];

export const customerRows: readonly CustomerRow[] = customers.flatMap(({ email, tier, name }) =>
  email === null || tier === null ? [] : [{ email, subscription_tier: tier, name }],
);
