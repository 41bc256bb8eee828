export { type CrmWrite, type FakeCrm, type FakeCrmOptions, startFakeCrm } from './fake-crm.ts';
export type { Lead } from './lead.ts';
