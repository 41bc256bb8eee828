import { randomBytes } from 'node:crypto';
import type { CliConfig, SourceConfig } from '@switchyard/config';
import { durationText } from '../durations.ts';
import type { DeliveryAnswer } from '../post-delivery.ts';
import { probeIngress } from '../probe.ts';
import { type Check, type Finding, fail, ok, skip, warn } from './check.ts';

/** Chatwoot waits five seconds (contract §1.3). */
const SLOW_MS = 2_500;

export interface IngressProbe {
  readonly checks: readonly Check[];
  /** How far the ingress's clock is before ours, once asked; null when it is not known. */
  readonly aheadMs: Promise<number | null>;
}

/** A delivery about nothing to each source, signed with each of its secrets, and a forged one. `url`: of `default`. */
export function ingressProbe(url: string | null, { sources }: Pick<CliConfig, 'sources'>): IngressProbe {
  const group = 'Ingress';
  if (url === null) {
    const run = async () => [
      skip('signature round trip', 'not looked at: say where it is with --url or --ingress'),
    ];
    return { checks: [{ group, name: 'signature round trip', run }], aheadMs: Promise.resolve(null) };
  }
  const forged = probeIngress(url, randomBytes(18).toString('base64url'));
  forged.catch(() => {});
  return {
    checks: [
      {
        group,
        name: 'forged delivery',
        run: async () => [judgeForged(await forged, url)],
      },
      ...Object.entries(sources).flatMap(([name, source]) => {
        const at = sourceUrl(url, name);
        return at === null ? [] : [roundTrip(group, name, source, at)];
      }),
    ],
    aheadMs: forged.then(
      (answer) => answer.aheadMs,
      () => null,
    ),
  };
}

/** null where the address is a proxy's own, of which nobody knows how it leads to another source. */
export function sourceUrl(url: string, name: string): string | null {
  if (name === 'default') return url;
  return url.endsWith('/webhooks/chatwoot') ? `${url}/${name}` : null;
}

function roundTrip(group: string, source: string, config: SourceConfig, url: string): Check {
  const name = `round trip, source ${source}`;
  return {
    group,
    name,
    async run(signal) {
      if ('unsigned' in config) {
        return [judgeAnswer(name, await probeIngress(`${url}/${config.unsigned.token}`, null, signal), null)];
      }
      const { secrets } = config;
      const answers = await Promise.all(secrets.map((secret) => probeIngress(url, secret, signal)));
      const which = (at: number) => (secrets.length === 1 ? '' : `secret ${at + 1} of ${secrets.length}: `);
      return answers.map((answer, at) => judgeAnswer(name, answer, which(at)));
    },
  };
}

/** What a delivery about nothing was answered; `which` secret, null for a source that does not sign. Pure. */
export function judgeAnswer(name: string, answer: DeliveryAnswer, which: string | null): Finding {
  const { status, result, ms } = answer;
  if (status === 200 && result !== null) {
    const took = `answered ${result} in ${durationText(ms)}`;
    if (ms > SLOW_MS)
      return warn(
        name,
        `${took}; Chatwoot gives up after 5 s`,
        'Look at the load of the ingress and its Redis.',
      );
    return ok(name, `${which ?? 'unsigned, '}${took}`);
  }
  if (status === 401) {
    return fail(
      name,
      `${which ?? ''}the ingress refuses it`,
      which === null
        ? 'It runs with another token for this source, or this address is not in its networks.'
        : 'It runs with another secret than this command, or its clock is off: restart it with the same environment.',
    );
  }
  if (status === 404)
    return fail(
      name,
      'there is no such source, or no ingress at this address',
      'Check the address, and what the ingress was started with.',
    );
  return fail(
    name,
    `answered ${status}, which no ingress answers to this`,
    'Check that the address leads to the ingress.',
  );
}

/** An ingress refuses what is signed with a secret nobody has; what takes it is something else. Pure. */
export function judgeForged({ status }: Pick<DeliveryAnswer, 'status'>, url: string): Finding {
  if (status === 401) return ok('forged delivery', 'is refused');
  if (status >= 300 && status < 400) {
    return fail(
      'forged delivery',
      `${url} answers with a redirect`,
      'Give Chatwoot the final address: https instead of http, the right host.',
    );
  }
  if (status >= 200 && status < 300) {
    return fail(
      'forged delivery',
      `${url} takes it (${status}): what answers there checks no signature`,
      'Is this address Switchyard’s?',
    );
  }
  return fail(
    'forged delivery',
    `${url} answers ${status} instead of 401`,
    'Is this address Switchyard’s, and is the proxy before it set up?',
  );
}
