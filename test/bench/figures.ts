/** Medians, bars and the table that a person reads. */
export interface Row {
  readonly what: string;
  readonly unit: 'ms' | 'MiB';
  readonly tspod: number;
  readonly podman: number | undefined;
  /** The greatest acceptable ratio to Podman. */
  readonly bar: number;
}

/** A figure that is not compared with Podman: it has a limit of its own. */
export interface Limit {
  readonly what: string;
  readonly value: number;
  readonly unit: 'MiB' | 'of the empty store';
  readonly atMost: number;
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const [low = NaN, high = NaN] = [sorted[sorted.length % 2 === 0 ? middle - 1 : middle], sorted[middle]];
  return (low + high) / 2;
}

export function formatTable(rows: readonly Row[], limits: readonly Limit[]): string {
  const cells = [
    ['what', 'tspod', 'podman', 'ratio', 'bar', ''],
    ...rows.map(({ what, unit, tspod, podman, bar }) => {
      const ratio = podman === undefined ? undefined : tspod / podman;
      return [
        what,
        figure(tspod, unit),
        figure(podman, unit),
        ratio?.toFixed(2) ?? '-',
        bar.toFixed(1),
        verdict(ratio, bar),
      ];
    }),
    ...limits.map(({ what, value, unit, atMost }) => {
      const shown = unit === 'MiB' ? figure(value, unit) : value.toFixed(2);
      return [
        what,
        shown,
        '',
        unit === 'MiB' ? '' : value.toFixed(2),
        `${atMost.toFixed(1)} ${unit}`,
        verdict(value, atMost),
      ];
    }),
  ];
  const widths = cells[0]?.map((_, column) => Math.max(...cells.map((row) => (row[column] ?? '').length))) ?? [];
  return cells
    .map((row) =>
      row
        .map((cell, column) => (column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0)))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** `7 of 11 bars met` */
export function formatVerdict(rows: readonly Row[], limits: readonly Limit[]): string {
  const compared = rows.filter(({ podman }) => podman !== undefined);
  const met =
    compared.filter(({ tspod, podman = 0, bar }) => tspod / podman <= bar).length +
    limits.filter(({ value, atMost }) => value <= atMost).length;
  return `${String(met)} of ${String(compared.length + limits.length)} bars met`;
}

function verdict(value: number | undefined, atMost: number): string {
  if (value === undefined) return 'not compared';
  return value <= atMost ? 'met' : 'NOT MET';
}

function figure(value: number | undefined, unit: Row['unit']): string {
  if (value === undefined) return '-';
  return unit === 'MiB' ? `${value.toFixed(2)} MiB` : `${value.toFixed(value < 100 ? 1 : 0)} ms`;
}
