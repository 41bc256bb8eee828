import Table from 'cli-table3';
import { printable } from './printable.ts';
import { wrapped } from './wrap.ts';

export interface Column<Row> {
  readonly head: string;
  readonly cell: (row: Row) => string;
  readonly align?: 'left' | 'right';
  /** Takes the room that is left, and wraps. At most one column. */
  readonly flexible?: boolean;
  /** Goes first where there is not room for all; a column without it stays. Higher goes earlier. */
  readonly dispensable?: number;
  /** Colours the cell's text. */
  readonly paint?: (text: string, row: Row) => string;
}

const GAP = 2;
const NARROWEST_FLEXIBLE = 24;

/**
 * Rows under their heads, in columns as wide as what is in them. `width`: the terminal's columns, into which the
 * flexible column wraps; null when it is no terminal: then nothing wraps and no row takes two lines.
 */
export function tableText<Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  width: number | null,
  head: (text: string) => string = (text) => text,
): string {
  const texts = new Map(columns.map((column) => [column, rows.map((row) => printable(column.cell(row)))]));
  const natural = (column: Column<Row>) =>
    Math.max(column.head.length, ...(texts.get(column) ?? []).map((text) => text.length));
  const shown = width === null ? columns : fitting(columns, natural, width);
  const widths = widthsOf(shown, natural, width);

  const table = new Table({
    chars: NO_LINES,
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 },
    head: shown.map((column) => head(column.head)),
    colWidths: widths,
    colAligns: shown.map(({ align = 'left' }) => align),
  });
  for (const [index, row] of rows.entries()) {
    table.push(
      shown.map((column, at) => {
        const text = wrapped(texts.get(column)?.[index] ?? '', widths[at] ?? 0).join('\n');
        const paint = column.paint;
        return paint === undefined
          ? text
          : text
              .split('\n')
              .map((line) => paint(line, row))
              .join('\n');
      }),
    );
  }
  return table
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n');
}

/** Drops what can be spared, one column at a time, until the rest fits. */
function fitting<Row>(
  columns: readonly Column<Row>[],
  natural: (column: Column<Row>) => number,
  width: number,
): readonly Column<Row>[] {
  const least = columns.reduce(
    (sum, column) =>
      sum + GAP + (column.flexible ? Math.min(natural(column), NARROWEST_FLEXIBLE) : natural(column)),
    -GAP,
  );
  if (least <= width) return columns;
  const spare = columns
    .filter(({ dispensable }) => dispensable !== undefined)
    .toSorted((a, b) => (b.dispensable ?? 0) - (a.dispensable ?? 0))[0];
  if (spare === undefined) return columns;
  return fitting(
    columns.filter((column) => column !== spare),
    natural,
    width,
  );
}

function widthsOf<Row>(
  columns: readonly Column<Row>[],
  natural: (column: Column<Row>) => number,
  width: number | null,
): number[] {
  const others = columns.reduce((sum, column) => sum + GAP + (column.flexible ? 0 : natural(column)), -GAP);
  return columns.map((column) => {
    const own = natural(column);
    if (!column.flexible || width === null) return own;
    return Math.max(8, Math.min(own, width - others));
  });
}

const NO_LINES = {
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
  left: '',
  'left-mid': '',
  mid: '',
  'mid-mid': '',
  right: '',
  'right-mid': '',
  middle: ' '.repeat(GAP),
};
