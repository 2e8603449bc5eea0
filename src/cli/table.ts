import { printable } from './printable.ts';

/** Podman's tables: Go's text/tabwriter with cells of at least 12 columns and two spaces between. */
const LEAST_WIDTH = 12;
const GAP = 2;

/** Set rows in columns; the last cell of a row is not padded. An empty list is an empty text. */
export function formatTable(texts: readonly (readonly string[])[]): string {
  const rows = texts.map((row) => row.map(printable));
  const widths: number[] = [];
  for (const row of rows) {
    for (const [column, cell] of row.slice(0, -1).entries()) {
      widths[column] = Math.max(widths[column] ?? LEAST_WIDTH, widthOf(cell) + GAP);
    }
  }
  return rows.map((row) => `${row.map((cell, column) => pad(cell, row, column, widths)).join('')}\n`).join('');
}

function pad(cell: string, row: readonly string[], column: number, widths: readonly number[]): string {
  return column === row.length - 1 ? cell : cell + ' '.repeat((widths[column] ?? 0) - widthOf(cell));
}

/** Go counts code points. */
function widthOf(text: string): number {
  return Array.from(text).length;
}
