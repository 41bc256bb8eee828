import {
  BigValueColorMode,
  BigValueGraphMode,
  GraphGradientMode,
  GraphThresholdsStyleConfigBuilder,
  GraphThresholdsStyleMode,
  LegendDisplayMode,
  LegendPlacement,
  ReduceDataOptionsBuilder,
  SortOrder,
  StackingConfigBuilder,
  StackingMode,
  TooltipDisplayMode,
  VisibilityMode,
  VizLegendOptionsBuilder,
  VizTooltipOptionsBuilder,
} from '@grafana/grafana-foundation-sdk/common';
import {
  MappingType,
  type Panel,
  type Threshold,
  ThresholdsConfigBuilder,
  ThresholdsMode,
  type ValueMapping,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { DataqueryBuilder, PromQueryFormat } from '@grafana/grafana-foundation-sdk/prometheus';
import { PanelBuilder as StatBuilder } from '@grafana/grafana-foundation-sdk/stat';
import { PanelBuilder as StateTimelineBuilder } from '@grafana/grafana-foundation-sdk/statetimeline';
import { PanelBuilder as TableBuilder } from '@grafana/grafana-foundation-sdk/table';
import { PanelBuilder as TimeseriesBuilder } from '@grafana/grafana-foundation-sdk/timeseries';

/** The data source that provisioning/datasources sets up. */
export const DATASOURCE = { type: 'prometheus', uid: 'switchyard-prometheus' };

interface PanelText {
  readonly title: string;
  /** What it shows and when to worry; shown behind the panel's (i). */
  readonly description: string;
  /** Grafana's name of the unit: `s`, `bytes`, `percentunit`, `short`. */
  readonly unit: string;
  /** Of 24 columns. */
  readonly width: number;
  /** What stands there while there is no data; for what is empty as long as all is well. */
  readonly empty?: string;
  /** From which value on it is yellow and red; a bound that is left out has no colour. */
  readonly limits?: { readonly yellow?: number; readonly red?: number };
  /** Low is bad: red below `red`, yellow below `yellow`. */
  readonly lowIsBad?: boolean;
}

/** A PromQL expression and what its lines are called. */
type Query = readonly [expr: string, legend: string];

export interface Graph extends PanelText {
  readonly queries: readonly Query[];
  readonly stacked?: boolean;
  readonly max?: number;
}

const GRAPH_HEIGHT = 8;
const STAT_HEIGHT = 4;

/** Lines over time, with the limits drawn in. */
export function graph(text: Graph): Panel {
  const panel = new TimeseriesBuilder()
    .title(text.title)
    .description(text.description)
    .datasource(DATASOURCE)
    .unit(text.unit)
    .min(0)
    .height(GRAPH_HEIGHT)
    .span(text.width)
    .targets(text.queries.map(([expr, legend], index) => query(expr, refId(index)).legendFormat(legend)))
    .lineWidth(1)
    .fillOpacity(text.stacked ? 30 : 8)
    .gradientMode(GraphGradientMode.None)
    .showPoints(VisibilityMode.Never)
    .thresholds(limitsOf(text))
    .legend(
      new VizLegendOptionsBuilder()
        .displayMode(LegendDisplayMode.List)
        .placement(LegendPlacement.Bottom)
        .showLegend(true)
        .calcs([]),
    )
    .tooltip(new VizTooltipOptionsBuilder().mode(TooltipDisplayMode.Multi).sort(SortOrder.Descending));
  if (text.limits !== undefined) {
    panel.thresholdsStyle(new GraphThresholdsStyleConfigBuilder().mode(GraphThresholdsStyleMode.Dashed));
  }
  if (text.stacked) panel.stacking(new StackingConfigBuilder().mode(StackingMode.Normal).group('A'));
  if (text.max !== undefined) panel.max(text.max);
  if (text.empty !== undefined) panel.noValue(text.empty);
  return panel.build();
}

export interface Stat extends PanelText {
  readonly expr: string;
  /** Values that are words: `0` is `closed`. */
  readonly words?: Readonly<Record<string, Word>>;
}

interface Word {
  readonly text: string;
  readonly color: 'green' | 'yellow' | 'red' | 'text';
}

/** One number as it is now. */
export function stat(text: Stat): Panel {
  const panel = new StatBuilder()
    .title(text.title)
    .description(text.description)
    .datasource(DATASOURCE)
    .unit(text.unit)
    .height(STAT_HEIGHT)
    .span(text.width)
    .targets([query(text.expr, 'A').instant()])
    .thresholds(limitsOf(text))
    .mappings(mappingsOf(text.words))
    .noValue(text.empty ?? 'no data')
    .colorMode(BigValueColorMode.Value)
    .graphMode(BigValueGraphMode.None)
    .reduceOptions(new ReduceDataOptionsBuilder().calcs(['lastNotNull']).fields('').values(false));
  return panel.build();
}

export interface Timeline extends PanelText {
  readonly queries: readonly Query[];
  readonly words: Readonly<Record<string, Word>>;
}

/** States over time, in words and colours. */
export function timeline(text: Timeline): Panel {
  return new StateTimelineBuilder()
    .title(text.title)
    .description(text.description)
    .datasource(DATASOURCE)
    .unit(text.unit)
    .height(GRAPH_HEIGHT)
    .span(text.width)
    .targets(text.queries.map(([expr, legend], index) => query(expr, refId(index)).legendFormat(legend)))
    .thresholds(limitsOf(text))
    .mappings(mappingsOf(text.words))
    .showValue(VisibilityMode.Never)
    .noValue(text.empty ?? 'no data')
    .build();
}

export interface Table extends PanelText {
  readonly expr: string;
  /** Labels that become columns, in this order, and what these are called. */
  readonly columns: Readonly<Record<string, string>>;
  /** What the column of the values is called; left out where the value says nothing. */
  readonly value?: string;
}

/** The labels of series as rows, as they are now. */
export function table(text: Table): Panel {
  const names = Object.keys(text.columns);
  const shown = text.value === undefined ? names : [...names, 'Value'];
  return new TableBuilder()
    .title(text.title)
    .description(text.description)
    .datasource(DATASOURCE)
    .unit(text.unit)
    .height(GRAPH_HEIGHT)
    .span(text.width)
    .targets([query(text.expr, 'A').instant().format(PromQueryFormat.Table)])
    .thresholds(limitsOf(text))
    .noValue(text.empty ?? 'no data')
    .withTransformation({ id: 'filterFieldsByName', options: { include: { names: shown } } })
    .withTransformation({
      id: 'organize',
      options: {
        indexByName: Object.fromEntries(shown.map((name, index) => [name, index])),
        renameByName: { ...text.columns, ...(text.value === undefined ? {} : { Value: text.value }) },
      },
    })
    .build();
}

function query(expr: string, id: string): DataqueryBuilder {
  return new DataqueryBuilder().datasource(DATASOURCE).expr(expr).refId(id).range();
}

function refId(index: number): string {
  return String.fromCharCode('A'.charCodeAt(0) + index);
}

function limitsOf({ limits = {}, lowIsBad = false }: PanelText): ThresholdsConfigBuilder {
  const { yellow, red } = limits;
  const steps: Threshold[] = lowIsBad
    ? [
        { value: null, color: red === undefined ? 'yellow' : 'red' },
        ...(red === undefined ? [] : [{ value: red, color: yellow === undefined ? 'green' : 'yellow' }]),
        ...(yellow === undefined ? [] : [{ value: yellow, color: 'green' }]),
      ]
    : [
        { value: null, color: 'green' },
        ...(yellow === undefined ? [] : [{ value: yellow, color: 'yellow' }]),
        ...(red === undefined ? [] : [{ value: red, color: 'red' }]),
      ];
  return new ThresholdsConfigBuilder().mode(ThresholdsMode.Absolute).steps(steps);
}

function mappingsOf(words: Readonly<Record<string, Word>> = {}): ValueMapping[] {
  if (Object.keys(words).length === 0) return [];
  const options = Object.entries(words).map(([value, { text, color }], index) => [
    value,
    { text, color, index },
  ]);
  return [{ type: MappingType.ValueToText, options: Object.fromEntries(options) }];
}
