/** How Go's fmt prints the values of a template. */

/** A value as Go's fmt prints it with %v. */
export function print(value: unknown): string {
  if (value === undefined) return '<no value>';
  if (value === null) return '<nil>';
  if (Array.isArray(value)) return `[${value.map(print).join(' ')}]`;
  if (typeof value === 'object') {
    const own = ownText(value);
    if (own !== undefined) return own;
    const entries = Object.entries(value);
    const isRecord = entries.length > 0 && entries.every(([key]) => /^[A-Z]/.test(key));
    if (isRecord) return `{${entries.map(([, member]) => print(member)).join(' ')}}`;
    return `map[${entries
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, member]) => `${key}:${isEmptyStruct(member) ? '{}' : print(member)}`)
      .join(' ')}]`;
  }
  // eslint-disable-next-line @typescript-eslint/no-base-to-string -- Objects are dealt with above.
  return String(value);
}

/** As fmt.Sprint: a blank between two neighbours when neither is text. */
export function printAll(args: readonly unknown[]): string {
  return args.reduce<string>((text, arg, n) => {
    const isApart = n > 0 && typeof arg !== 'string' && typeof args[n - 1] !== 'string';
    return `${text}${isApart ? ' ' : ''}${print(arg)}`;
  }, '');
}

/** The verbs of Go's fmt that make sense here. */
export function sprintf(format: string, args: readonly unknown[]): string {
  let next = 0;
  const text = format.replace(
    /%([-+# 0]*)(\d+)?(?:\.(\d+))?([%a-zA-Z])/g,
    (_, flags: string, width?: string, precision?: string, verb?: string) => {
      if (verb === '%') return '%';
      if (next >= args.length) return `%!${verb}(MISSING)`;
      const body = formatVerb(verb ?? '', args[next++], {
        precision: precision === undefined ? undefined : Number(precision),
        flags,
      });
      if (width === undefined) return body;
      if (flags.includes('-')) return body.padEnd(Number(width));
      return body.padStart(Number(width), flags.includes('0') && verb !== 's' ? '0' : ' ');
    },
  );
  return text;
}

/** Go's time.Time has a String(). */
export function ownText(value: object): string | undefined {
  const text: unknown = Object.getOwnPropertyDescriptor(value, 'toString')?.value;
  return typeof text === 'function' ? (text as () => string)() : undefined;
}

/** Go has `map[string]struct{}` for sets: the exposed ports of an image, say. */
function isEmptyStruct(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && Object.keys(value).length === 0;
}

function formatVerb(
  verb: string,
  value: unknown,
  { precision, flags }: { readonly precision: number | undefined; readonly flags: string },
): string {
  switch (verb) {
    case 's':
    case 'v':
      return precision === undefined ? print(value) : Array.from(print(value)).slice(0, precision).join('');
    case 'q':
      return JSON.stringify(print(value));
    case 'd':
      return `${flags.includes('+') && Number(value) >= 0 ? '+' : ''}${typeof value === 'bigint' ? value : Math.trunc(Number(value))}`;
    case 'f':
      return Number(value).toFixed(precision ?? 6);
    case 'x':
      return typeof value === 'number' ? value.toString(16) : Buffer.from(print(value)).toString('hex');
    case 'o':
      return Number(value).toString(8);
    case 't':
      return String(Boolean(value));
    case 'c':
      return String.fromCodePoint(Number(value));
    case 'T':
      return typeof value;
    default:
      return `%!${verb}(${print(value)})`;
  }
}
