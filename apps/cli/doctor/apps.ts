import { appIn, readAdmin } from '../ingress-admin.ts';
import { type Check, type Finding, fail, ok, warn } from './check.ts';

/** What apps say of themselves on their admin port. */
export function adminChecks(addresses: readonly string[]): Check[] {
  return addresses.map((address) => ({
    group: 'Apps',
    name: address,
    async run(signal) {
      const [ready, alive, metrics] = await Promise.all([
        readAdmin(address, 'readyz', signal),
        readAdmin(address, 'healthz', signal),
        readAdmin(address, 'metrics', signal),
      ]);
      const app = appIn(metrics.text) ?? address;
      return judgeApp(app, {
        ready: ready.status === 200,
        alive: alive.status === 200,
        said: detailIn(ready.text),
      });
    },
  }));
}

/** `said`: the body of /readyz, whose warnings begin with `warning: `. Pure. */
export function judgeApp(
  app: string,
  {
    ready,
    alive,
    said,
  }: { readonly ready: boolean; readonly alive: boolean; readonly said: Readonly<Record<string, string>> },
): Finding[] {
  const parts = Object.entries(said).filter(([name]) => name !== 'status');
  const bad = parts.filter(([name, text]) => !name.startsWith('warning: ') && text !== 'ok');
  const warnings = parts.filter(([name]) => name.startsWith('warning: '));
  const told = bad.map(([name, text]) => `${name}: ${text}`).join(', ');
  return [
    ready
      ? ok(app, told === '' ? 'ready' : `ready; ${told}`)
      : fail(app, `not ready: ${told || 'it does not say why'}`, 'Look at its log.'),
    ...(alive
      ? []
      : [fail(app, 'unwell: it does not work though it runs', 'Restart it, and look at its log.')]),
    ...warnings.map(([name, text]) => warn(app, `${name.replace('warning: ', '')}: ${text}`)),
  ];
}

function detailIn(text: string): Readonly<Record<string, string>> {
  try {
    const body: unknown = JSON.parse(text);
    return typeof body === 'object' && body !== null
      ? Object.fromEntries(Object.entries(body).map(([name, value]) => [name, String(value)]))
      : {};
  } catch {
    return {};
  }
}
