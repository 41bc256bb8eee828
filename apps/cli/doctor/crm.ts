import type { CliConfig } from '@switchyard/config';
import { ask, NoAnswer } from '../ask.ts';
import { type Check, type Finding, fail, ok, warn } from './check.ts';

/** Asks for the head of the CRM's address: that writes nothing, and any answer says that it is there. */
export function crmChecks({ crm }: Pick<CliConfig, 'crm'>): Check[] {
  const url = crm?.url ?? null;
  if (crm === null || url === null) return [];
  return [
    {
      group: 'CRM',
      name: 'reachable',
      async run(signal) {
        try {
          const { status } = await ask({
            url,
            method: 'HEAD',
            headers: crm.apiKey === null ? {} : { authorization: `Bearer ${crm.apiKey}` },
            limitMs: crm.timeoutMs,
            signal,
          });
          return [judgeCrm(status, new URL(url).host)];
        } catch (error) {
          if (!(error instanceof NoAnswer)) throw error;
          const detail = `${new URL(url).host}: ${error.message}`;
          return [fail('reachable', detail, 'Check CRM_URL (or crm.url) and the network.')];
        }
      },
    },
  ];
}

/** What the status of a HEAD tells; many CRMs answer 404 or 405 to it, which is an answer all the same. Pure. */
export function judgeCrm(status: number, host: string): Finding {
  const said = `${host} answers ${status}`;
  if (status === 401 || status === 403) {
    return warn('reachable', `${said}: it may not accept the key`, 'Check CRM_API_KEY (or crm.apiKey).');
  }
  if (status >= 300 && status < 400) {
    return fail(
      'reachable',
      `${said}, a redirect, which is not followed`,
      'Set CRM_URL to the final address.',
    );
  }
  if (status === 429 || status >= 500) {
    return warn('reachable', `${said}: it has trouble now; jobs would wait for it`, 'Look at the CRM.');
  }
  return ok('reachable', `${said} (nothing was written)`);
}
