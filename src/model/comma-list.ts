/** Split at commas as Go's encoding/csv does: a part in double quotes keeps its commas, `""` in it is a quote. */
export function splitCommaList(text: string): string[] {
  const parts: string[] = [];
  let rest = text;
  for (;;) {
    const quoted = /^"((?:[^"]|"")*)"(?:,|$)/.exec(rest);
    const part = quoted?.[0] ?? /^[^,]*(?:,|$)/.exec(rest)?.[0] ?? '';
    parts.push(quoted?.[1] === undefined ? part.replace(/,$/, '') : quoted[1].replaceAll('""', '"'));
    rest = rest.slice(part.length);
    if (!part.endsWith(',')) return parts;
  }
}
