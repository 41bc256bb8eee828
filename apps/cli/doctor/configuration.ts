import {
  ConfigError,
  type ConfigInspection,
  loadBotRepliesConfig,
  loadCrmSyncConfig,
  loadCustomWorkersConfig,
  loadHealerConfig,
  loadIngressConfig,
  loadRoutingConfig,
} from '@switchyard/config';
import { type Check, type Finding, fail, ok, skip, warn } from './check.ts';

/** Every fault of the environment and the file, and what the apps this installation uses can't do without. */
export function configurationChecks({ config, environment, file }: ConfigInspection): Check[] {
  const group = 'Configuration';
  const readable = environment.length === 0 && file.length === 0;
  return [
    {
      group,
      name: 'environment',
      run: async () => faultsOr('environment', environment, 'every variable can be used'),
    },
    {
      group,
      name: 'config file',
      async run() {
        if (file.length > 0) return faultsOr('config file', file, '');
        if (config.file !== null) return [ok('config file', config.file)];
        return [
          warn(
            'config file',
            'there is none: no rules for bot and routing',
            'Write config/switchyard.config.ts, or set SWITCHYARD_CONFIG to where it is (docs/configuration.md).',
          ),
        ];
      },
    },
    ...appsOf(config.queues, Object.keys(config.workers)).map(
      ([app, load]): Check => ({
        group,
        name: app,
        run: async () =>
          readable ? missingOf(app, load) : [skip(app, 'not looked at: the configuration has faults')],
      }),
    ),
  ];
}

type Load = () => Promise<unknown>;

/** The apps this installation needs, by what its configuration gives work. */
function appsOf(queues: readonly string[], workers: readonly string[]): [app: string, load: Load][] {
  const builtIn: readonly [string, Load][] = [
    ['crm-sync', () => loadCrmSyncConfig()],
    ['bot-replies', () => loadBotRepliesConfig()],
    ['routing', () => loadRoutingConfig()],
  ];
  return [
    ['ingress', () => loadIngressConfig()],
    ...builtIn.filter(([name]) => queues.includes(name)),
    ...(queues.includes('handover') ? [['healer', () => loadHealerConfig()] satisfies [string, Load]] : []),
    ...(workers.length > 0
      ? [['custom-workers', () => loadCustomWorkersConfig()] satisfies [string, Load]]
      : []),
  ];
}

async function missingOf(app: string, load: Load): Promise<Finding[]> {
  try {
    await load();
    return [ok(app, 'has all it needs to start')];
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return faultsOr(app, error.lines, '');
  }
}

function faultsOr(name: string, lines: readonly string[], good: string): Finding[] {
  if (lines.length === 0) return [ok(name, good)];
  return lines.map((line) => fail(name, line, 'docs/configuration.md has every setting.'));
}
