import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { documentedMetrics, parseDashboard, ruleGroups } from '../testing-documents.ts';
import { familyOf, selectorsOf } from '../testing-promql.ts';
import { dashboardFiles } from './dashboards.ts';

const FOLDER = join(import.meta.dirname, 'dashboards');
const UID = 'switchyard-prometheus';
const files = dashboardFiles();
const dashboards = [...files].map(([file, text]) => ({ file, ...parseDashboard(text) }));

test('the committed dashboards are what the generator makes: node scripts/run.mjs deploy/grafana/main.ts', async () => {
  expect((await readdir(FOLDER)).sort()).toEqual([...files.keys()].sort());
  for (const [name, text] of files) expect(await readFile(join(FOLDER, name), 'utf8')).toBe(text);
});

test('no two dashboards have the same address', () => {
  expect(new Set(dashboards.map(({ uid }) => uid)).size).toBe(dashboards.length);
});

test('Grafana is given the data source that they name, and the folder they lie in', async () => {
  const read = async (path: string): Promise<unknown> =>
    parse(await readFile(join(import.meta.dirname, 'provisioning', path), 'utf8'));
  expect(await read('datasources/prometheus.yml')).toMatchObject({
    datasources: [{ uid: UID, type: 'prometheus', url: 'http://prometheus:9090' }],
  });
  const { providers } = z
    .object({ providers: z.array(z.object({ options: z.object({ path: z.string() }) })) })
    .parse(await read('dashboards/switchyard.yml'));
  const compose = await readFile(join(import.meta.dirname, '../../docker-compose.yml'), 'utf8');
  for (const { options } of providers)
    expect(compose).toContain(`./deploy/grafana/dashboards:${options.path}:ro`);
});

describe.each(dashboards)('$file', ({ panels, templating, annotations }) => {
  const shown = panels.filter(({ type }) => type !== 'row');
  const rows = panels.filter(({ type }) => type === 'row');

  test('has panels with a title, a description, a unit, thresholds and a query each', () => {
    expect(shown.length).toBeGreaterThan(10);
    for (const panel of shown) {
      expect(panel.title).toMatch(/\S/);
      expect([panel.title, panel.description ?? '']).toEqual([
        panel.title,
        expect.stringMatching(/^.{10,}\.$/),
      ]);
      expect(panel.fieldConfig?.defaults.unit).toMatch(/\w/);
      expect(panel.fieldConfig?.defaults.thresholds.steps[0]?.value).toBeNull();
      expect([panel.title, panel.targets?.length ?? 0]).toEqual([
        panel.title,
        expect.toSatisfy((n: number) => n > 0),
      ]);
      const ids = panel.targets?.map(({ refId }) => refId) ?? [];
      expect(new Set(ids).size).toBe(ids.length);
    }
  });

  test('has every id once, and no title twice in a row', () => {
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    expect(new Set(rows.map(({ title }) => title)).size).toBe(rows.length);
  });

  test('has no panel over another, beside the grid or before its row', () => {
    for (const [index, { gridPos: a }] of panels.entries()) {
      expect(a.x + a.w).toBeLessThanOrEqual(24);
      for (const { gridPos: b } of panels.slice(index + 1)) {
        expect(b.y).toBeGreaterThanOrEqual(a.y);
        const apart = a.x + a.w <= b.x || b.x + b.w <= a.x || a.y + a.h <= b.y || b.y + b.h <= a.y;
        expect([a, b, apart]).toEqual([a, b, true]);
      }
    }
  });

  test('asks one data source, for metrics that are documented or recorded', () => {
    const sources = [
      ...shown.flatMap(({ datasource, targets = [] }) => [
        datasource,
        ...targets.map((one) => one.datasource),
      ]),
      ...templating.list.map(({ datasource }) => datasource),
      ...annotations.list.map(({ datasource }) => datasource),
    ];
    expect(new Set(sources.map((source) => source?.uid))).toEqual(new Set([UID]));
    const known = new Set([
      ...documentedMetrics().map(({ name }) => name),
      ...ruleGroups().flatMap(({ rules }) => rules.flatMap(({ record }) => record ?? [])),
      ...['up', 'ALERTS'],
    ]);
    const asked = [
      ...shown.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr)),
      ...templating.list.map(({ query }) => query.query),
    ].flatMap(selectorsOf);
    expect(asked.length).toBeGreaterThan(10);
    const unknown = asked.filter(({ metric }) => !known.has(metric) && !known.has(familyOf(metric)));
    expect(unknown).toEqual([]);
  });

  test('uses only variables that it has', () => {
    const own = new Set([...templating.list.map(({ name }) => name), '__rate_interval']);
    const used = shown.flatMap(({ targets = [] }) =>
      targets.flatMap(({ expr }) => [...expr.matchAll(/\$(\w+)/g)].map(([, name = '']) => name)),
    );
    expect(used.filter((name) => !own.has(name))).toEqual([]);
  });
});
