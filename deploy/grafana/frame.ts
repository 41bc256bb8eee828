import {
  AnnotationQueryBuilder,
  type Dashboard,
  DashboardBuilder,
  DashboardCursorSync,
  DashboardLinkBuilder,
  DashboardLinkType,
  type Panel,
  type QueryVariableBuilder,
  RowBuilder,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { DATASOURCE } from './panels.ts';

/** All dashboards have it, and link to those that have it. */
const TAG = 'switchyard';
const COLUMNS = 24;

interface Row {
  readonly title: string;
  readonly panels: readonly Panel[];
}

export interface DashboardParts {
  /** Part of its address in Grafana; never changed, or links break. */
  readonly uid: string;
  readonly title: string;
  readonly description: string;
  readonly variables: readonly QueryVariableBuilder[];
  readonly rows: readonly Row[];
}

/** A dashboard with what all of ours have: links to the others, alerts as marks, ids, and a place for each panel. */
export function frame({ uid, title, description, variables, rows }: DashboardParts): Dashboard {
  const builder = new DashboardBuilder(`Switchyard: ${title}`)
    .uid(uid)
    .description(description)
    .tags([TAG])
    .editable()
    .timezone('browser')
    .refresh('30s')
    .time({ from: 'now-3h', to: 'now' })
    .tooltip(DashboardCursorSync.Crosshair)
    .variables([...variables])
    .annotations([firingAlerts()])
    .links([
      new DashboardLinkBuilder('Switchyard')
        .type(DashboardLinkType.Dashboards)
        .tags([TAG])
        .asDropdown(false)
        .keepTime(true),
    ]);
  let id = 0;
  let y = 0;
  for (const row of rows) {
    id += 1;
    builder.withRow(new RowBuilder(row.title).id(id).gridPos({ x: 0, y, w: COLUMNS, h: 1 }));
    y += 1;
    for (const panel of placed(row.panels, y)) {
      id += 1;
      builder.withPanel({ build: () => ({ ...panel, id }) });
      y = Math.max(y, bottomOf(panel));
    }
  }
  const dashboard = builder.build();
  // Without a placement links stand on top of the dashboard and not in a menu.
  const links = dashboard.links?.map(({ placement: _, ...link }) => link) ?? [];
  return { ...dashboard, links };
}

/** From left to right, on a new line when one is full. */
function placed(panels: readonly Panel[], top: number): Panel[] {
  let x = 0;
  let y = top;
  let next = top;
  return panels.map((panel) => {
    const { w, h } = sizeOf(panel);
    if (x + w > COLUMNS) {
      x = 0;
      y = next;
    }
    const gridPos = { x, y, w, h };
    x += w;
    next = Math.max(next, y + h);
    return { ...panel, gridPos };
  });
}

function sizeOf({ gridPos }: Panel): { w: number; h: number } {
  return { w: gridPos?.w ?? COLUMNS, h: gridPos?.h ?? 1 };
}

function bottomOf({ gridPos }: Panel): number {
  return (gridPos?.y ?? 0) + (gridPos?.h ?? 0);
}

function firingAlerts(): AnnotationQueryBuilder {
  return new AnnotationQueryBuilder()
    .name('Alerts')
    .datasource(DATASOURCE)
    .enable(true)
    .iconColor('red')
    .expr('ALERTS{alertstate="firing"}')
    .step('60s')
    .titleFormat('{{alertname}}')
    .textFormat('{{severity}} {{queue}} {{job}} {{instance}}')
    .tagKeys('alertname');
}
