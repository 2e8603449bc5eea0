/** What somebody may have meant who mistyped a name. */

/** The nearest of the names, if it is near enough: a third of the letters typed may be wrong, two at most. */
export function nearest(names: Iterable<string>, typed: string): string | undefined {
  const most = Math.min(2, Math.ceil(typed.replace(/^-+/, '').length / 3));
  let best: { readonly name: string; readonly away: number } | undefined;
  for (const name of names) {
    const away = distance(name, typed);
    if (away <= most && (best === undefined || away < best.away)) best = { name, away };
  }
  return best?.name;
}

/** Levenshtein's, and two letters that changed places are one mistake. */
function distance(a: string, b: string): number {
  const rows: number[][] = [Array.from({ length: b.length + 1 }, (_, index) => index)];
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const at = (y: number, x: number) => (y === i ? row[x] : rows[y]?.[x]) ?? 0;
      const isSame = a[i - 1] === b[j - 1];
      let least = Math.min(at(i - 1, j - 1) + (isSame ? 0 : 1), at(i - 1, j) + 1, at(i, j - 1) + 1);
      const isSwapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      if (isSwapped) least = Math.min(least, at(i - 2, j - 2) + 1);
      row[j] = least;
    }
    rows.push(row);
  }
  return rows[a.length]?.[b.length] ?? 0;
}
