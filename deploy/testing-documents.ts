import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';

const ROOT = join(import.meta.dirname, '..');
const read = (path: string) => readFileSync(join(ROOT, path), 'utf8');

const ruleSchema = z.strictObject({
  alert: z.string().optional(),
  record: z.string().optional(),
  expr: z.string(),
  for: z.string().optional(),
  labels: z.record(z.string(), z.string()).optional(),
  annotations: z.record(z.string(), z.string()).optional(),
});
const rulesSchema = z.strictObject({
  groups: z.array(
    z.strictObject({ name: z.string(), interval: z.string().optional(), rules: z.array(ruleSchema) }),
  ),
});

/** deploy/prometheus/rules.yml. */
export function ruleGroups() {
  return rulesSchema.parse(parse(read('deploy/prometheus/rules.yml'))).groups;
}

const panelSchema = z.object({
  id: z.number(),
  type: z.string(),
  title: z.string(),
  description: z.string().optional(),
  datasource: z.object({ type: z.string(), uid: z.string() }).optional(),
  gridPos: z.object({ x: z.number(), y: z.number(), w: z.number(), h: z.number() }),
  targets: z
    .array(z.object({ refId: z.string(), expr: z.string(), datasource: z.object({ uid: z.string() }) }))
    .optional(),
  fieldConfig: z
    .object({
      defaults: z.object({
        unit: z.string(),
        thresholds: z.object({
          steps: z.array(z.object({ value: z.number().nullable(), color: z.string() })),
        }),
      }),
    })
    .optional(),
});
const dashboardSchema = z.object({
  uid: z.string(),
  title: z.string(),
  templating: z.object({
    list: z.array(
      z.object({
        name: z.string(),
        type: z.literal('query'),
        datasource: z.object({ uid: z.string() }),
        query: z.object({ query: z.string() }),
      }),
    ),
  }),
  annotations: z.object({
    list: z.array(z.object({ expr: z.string(), datasource: z.object({ uid: z.string() }) })),
  }),
  panels: z.array(panelSchema),
});
export type DashboardFile = z.infer<typeof dashboardSchema>;

/** A dashboard as Grafana gets it. */
export function parseDashboard(text: string): DashboardFile {
  return dashboardSchema.parse(JSON.parse(text));
}

export interface DocumentedMetric {
  readonly name: string;
  /** Empty for those of Node, which are only named. */
  readonly type: string;
  readonly labels: readonly string[];
}

/** The tables between the headings "Metrics" and "The SLO" of docs/operations.md. */
export function documentedMetrics(): DocumentedMetric[] {
  const [, section = ''] = /^## Metrics$(.*?)^## /ms.exec(operations()) ?? [];
  return section.split('\n').flatMap((line) => {
    const cells = line.split('|').map((cell) => cell.trim());
    const [, name = '', type = '', labels = ''] = cells;
    if (/^`switchyard_\w+`$/.test(name)) return [{ name: bare(name), type, labels: namesIn(labels) }];
    return namesIn(line)
      .filter((word) => /^switchyard_\w/.test(word))
      .map((word) => ({ name: word, type: '', labels: [] }));
  });
}

/** The titles of the sections under "Runbooks". */
export function runbooks(): string[] {
  const [, section = ''] = /^## Runbooks$(.*?)(?=^## |(?![\s\S]))/ms.exec(operations()) ?? [];
  return [...section.matchAll(/^### (\S+)$/gm)].map(([, title = '']) => title);
}

/** A runbook's text, without its title. */
export function runbook(title: string): string {
  const [, text = ''] = new RegExp(`^### ${title}$(.*?)(?=^##|(?![\\s\\S]))`, 'ms').exec(operations()) ?? [];
  return text;
}

function operations(): string {
  return read('docs/operations.md');
}

function namesIn(text: string): string[] {
  return [...text.matchAll(/`(\w+)`/g)].map(([, name = '']) => name);
}

function bare(quoted: string): string {
  return quoted.replaceAll('`', '');
}
