import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { findAmtool, findPrometheus } from '@switchyard/testkit';
import { describe, expect, onTestFinished, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { documentedMetrics, ruleGroups, runbook, runbooks } from '../testing-documents.ts';
import { programOrNull } from '../testing-programs.ts';
import { familyOf, selectorsOf } from '../testing-promql.ts';

const run = promisify(execFile);
const HERE = import.meta.dirname;
const ALERTMANAGER = join(HERE, '../alertmanager/alertmanager.yml');
const rules = ruleGroups().flatMap((group) => group.rules);
const alerts = rules.flatMap((rule) => (rule.alert === undefined ? [] : [{ ...rule, alert: rule.alert }]));

const promtool = (await programOrNull('the rules, with promtool', () => findPrometheus()))?.promtool ?? null;
const amtool = await programOrNull('the configuration of Alertmanager, with amtool', () => findAmtool());

describe.skipIf(promtool === null)('promtool', () => {
  const ask = (...args: string[]) => run(promtool ?? '', args, { cwd: HERE });

  test('accepts the configuration and the rules', async () => {
    expect((await ask('check', 'config', 'prometheus.yml')).stdout).toContain('1 rule files found');
  });

  test('finds every alert firing, and not firing, when rules.test.yml says so', async () => {
    await ask('test', 'rules', 'rules.test.yml').catch((error: unknown) => {
      throw new Error(`${Reflect.get(Object(error), 'stdout')}${Reflect.get(Object(error), 'stderr')}`, {
        cause: error,
      });
    });
  }, 240_000);
});

const casesSchema = z.object({
  tests: z.array(
    z.object({
      promql_expr_test: z.array(
        z.object({ expr: z.string(), exp_samples: z.array(z.object({ labels: z.string() })) }),
      ),
    }),
  ),
});

describe('rules.test.yml', async () => {
  const text = await readFile(join(HERE, 'rules.test.yml'), 'utf8');
  const { tests } = casesSchema.parse(parse(text));
  const asked = tests.flatMap((one) => one.promql_expr_test);
  const asksFor = (alert: string) => asked.filter(({ expr }) => expr.includes(`alertname="${alert}"`));

  test.each(alerts)('has $alert firing and not firing', ({ alert }) => {
    expect(asksFor(alert).some(({ exp_samples }) => exp_samples.length > 0)).toBe(true);
    // The quiet phase of a case of its own, or the one in which all is well.
    expect(asksFor(alert).some(({ exp_samples }) => exp_samples.length === 0)).toBe(true);
  });
});

describe('every alert', () => {
  test.each(alerts)('$alert has a severity, says in words what is wrong, and names its runbook', (rule) => {
    expect(rule.labels?.severity).toMatch(/^(critical|warning)$/);
    expect(rule.annotations).toEqual({
      summary: expect.stringMatching(/^.{20,160}$/),
      description: expect.stringMatching(/^.{20,300}\.$/),
      runbook_url: `docs/operations.md#${rule.alert.toLowerCase()}`,
    });
  });

  test('has a section in the runbooks, and every section an alert', () => {
    expect(runbooks().sort()).toEqual(alerts.map(({ alert }) => alert).sort());
  });

  test.each(alerts)(
    '$alert: its runbook says how to confirm, what to do, what happens otherwise',
    ({ alert }) => {
      const text = runbook(alert);
      for (const part of ['**Confirm.** ', '**Do.** ', '**If ignored.** ']) expect(text).toContain(part);
    },
  );

  test('reads metrics that are documented, or recorded by a rule', () => {
    const known = new Set([
      ...documentedMetrics().map(({ name }) => name),
      ...rules.flatMap(({ record }) => record ?? []),
      'up',
    ]);
    const unknown = rules.flatMap(({ expr }) =>
      selectorsOf(expr)
        .map(({ metric }) => metric)
        .filter((metric) => !known.has(metric) && !known.has(familyOf(metric))),
    );
    expect(unknown).toEqual([]);
  });
});

describe('the configuration of Alertmanager', () => {
  const names = new Set(alerts.map(({ alert }) => alert));

  test('holds back only alerts that there are', async () => {
    const { inhibit_rules } = z
      .object({
        inhibit_rules: z.array(
          z.object({ source_matchers: z.array(z.string()), target_matchers: z.array(z.string()) }),
        ),
      })
      .parse(parse(await readFile(ALERTMANAGER, 'utf8')));
    const named = inhibit_rules
      .flatMap(({ source_matchers, target_matchers }) => [...source_matchers, ...target_matchers])
      .flatMap((matcher) => /^alertname=~?"(.*)"$/.exec(matcher)?.[1]?.split('|') ?? [matcher]);
    expect(named.filter((name) => !names.has(name))).toEqual([]);
  });

  test.skipIf(amtool === null)('is accepted by amtool, as it is and with each of its examples', async () => {
    const text = await readFile(ALERTMANAGER, 'utf8');
    const [version = ''] = /\d+\.\d+/.exec((await run(amtool ?? '', ['--version'])).stdout) ?? [];
    const folder = await mkdtemp(join(tmpdir(), 'switchyard-alertmanager-'));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    const examples = text
      .split(/^# example: /m)
      .slice(1)
      .map((part) => part.split('\n')[0] ?? '');
    expect(examples).toHaveLength(3);
    for (const example of [null, ...examples]) {
      // Debian 12's does not know url_file yet.
      if (example?.includes('0.26') && Number(version.split('.')[1]) < 26) continue;
      const file = join(folder, 'alertmanager.yml');
      await writeFile(file, example === null ? text : withExample(text, example));
      expect((await run(amtool ?? '', ['check-config', file])).stdout).toContain('SUCCESS');
    }
  });
});

/** The file with one of its examples in force: the lines below its title, without the comment sign. */
function withExample(text: string, title: string): string {
  const lines = text.split('\n');
  const at = lines.indexOf(`# example: ${title}`);
  let inside = true;
  return lines
    .map((line, index) => {
      if (index > at && !line.startsWith('#  ')) inside = false;
      return index > at && inside ? line.replace('#', '') : line;
    })
    .join('\n');
}
