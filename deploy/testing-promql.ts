/** A metric and its matchers, as they stand in an expression: `up{job="ingress"}`. */
export interface Selector {
  readonly metric: string;
  readonly text: string;
}

const SELECTOR = /(?<![\w:"$])((?:switchyard|up|ALERTS)(?:[_:][\w:]*)?)(\{[^}]*\})?(?![\w:(])/g;

/** The series an expression reads: our metrics and recorded ones, `up`, `ALERTS`. */
export function selectorsOf(expr: string): Selector[] {
  const withoutLabelLists = expr.replaceAll(/\b(by|on|without|ignoring|group_left)\s*\([^)]*\)/g, '');
  return [...withoutLabelLists.matchAll(SELECTOR)].map(([text, metric = '']) => ({ metric, text }));
}

/** The metric a series belongs to: a histogram has three series names. */
export function familyOf(series: string): string {
  return series.replace(/_(bucket|sum|count)$/, '');
}

/** An expression of a panel as Grafana sends it. */
export function filledIn(expr: string, variables: Readonly<Record<string, string>>): string {
  return Object.entries(variables).reduce(
    (text, [name, value]) => text.replaceAll(`$${name}`, value),
    expr.replaceAll('$__rate_interval', '2m'),
  );
}
