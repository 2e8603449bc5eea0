/** The functions of templates: Go's own, and the eight that Docker and Podman add. */
import { UsageError } from '../../errors.ts';

/** Arguments are evaluated by the function, since `and` and `or` stop early. */
type Argument = () => unknown;

const FUNCTIONS: Readonly<Record<string, (args: unknown[]) => unknown>> = {
  not: ([value]) => !isTruth(value),
  len: ([value]) => lengthOf(value),
  index: ([value, ...keys]) => keys.reduce(indexOf, value),
  slice: ([value, from = 0, to]) => {
    const range = [Number(from), to === undefined ? undefined : Number(to)] as const;
    return typeof value === 'string' ? value.slice(...range) : (value as unknown[]).slice(...range);
  },
  print: (args) => args.map(print).join(args.some((arg) => typeof arg === 'string') ? '' : ' '),
  println: (args) => `${args.map(print).join(' ')}\n`,
  printf: ([format, ...args]) => sprintf(String(format), args),
  html: (args) =>
    args
      .map(print)
      .join('')
      .replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`),
  js: (args) => JSON.stringify(args.map(print).join('')).slice(1, -1),
  urlquery: (args) => encodeURIComponent(args.map(print).join('')),
  eq: ([first, ...others]) => others.some((other) => compare(first, other) === 0),
  ne: ([a, b]) => compare(a, b) !== 0,
  lt: ([a, b]) => compare(a, b) < 0,
  le: ([a, b]) => compare(a, b) <= 0,
  gt: ([a, b]) => compare(a, b) > 0,
  ge: ([a, b]) => compare(a, b) >= 0,
  json: ([value]) => JSON.stringify(value ?? null),
  join: ([values, separator]) => ((values as unknown[] | undefined) ?? []).map(print).join(print(separator)),
  lower: ([value]) => print(value).toLowerCase(),
  upper: ([value]) => print(value).toUpperCase(),
  pad: ([value, before, after]) =>
    print(value) === '' ? '' : ' '.repeat(Number(before)) + print(value) + ' '.repeat(Number(after)),
  split: ([value, separator]) => print(value).split(print(separator)),
  title: ([value]) =>
    print(value).replace(
      /(^|[^\p{L}\p{N}_'])(\p{L})/gu,
      (_, before: string, letter: string) => before + letter.toUpperCase(),
    ),
  truncate: ([value, length]) => Array.from(print(value)).slice(0, Number(length)).join(''),
  call: ([callee, ...args]) => (callee as (...values: unknown[]) => unknown)(...args),
};

export function isFunction(name: string): boolean {
  return name === 'and' || name === 'or' || Object.hasOwn(FUNCTIONS, name);
}

/** @throws {UsageError} when there is no such function */
export function callFunction(name: string, args: readonly Argument[]): unknown {
  if (name === 'and' || name === 'or') {
    let value: unknown;
    for (const arg of args) {
      value = arg();
      if (isTruth(value) === (name === 'or')) return value;
    }
    return value;
  }
  const body = Object.hasOwn(FUNCTIONS, name) ? FUNCTIONS[name] : undefined;
  if (!body) {
    const names = ['and', 'or', ...Object.keys(FUNCTIONS)].sort();
    throw new UsageError(`a template has no function "${name}"`, { remedy: `The functions are: ${names.join(', ')}` });
  }
  return body(args.map((arg) => arg()));
}

/** Whether `if` takes a value for true: not false, 0, nothing or empty. */
export function isTruth(value: unknown): boolean {
  if (value === null || value === undefined) return false;
  if (typeof value === 'object') return lengthOf(value) > 0;
  return Boolean(value);
}

/** A value as Go's fmt prints it with %v. */
export function print(value: unknown): string {
  if (value === undefined || value === null) return '<no value>';
  if (Array.isArray(value)) return `[${value.map(print).join(' ')}]`;
  if (typeof value === 'object') {
    const entries = Object.entries(value);
    const isRecord = entries.length > 0 && entries.every(([key]) => /^[A-Z]/.test(key));
    if (isRecord) return `{${entries.map(([, member]) => print(member)).join(' ')}}`;
    return `map[${entries
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, member]) => `${key}:${print(member)}`)
      .join(' ')}]`;
  }
  // eslint-disable-next-line @typescript-eslint/no-base-to-string -- Objects are dealt with above.
  return String(value);
}

function lengthOf(value: unknown): number {
  if (typeof value === 'string' || Array.isArray(value)) return value.length;
  if (typeof value === 'object' && value !== null) return Object.keys(value).length;
  throw new UsageError(`a template asks for the length of "${print(value)}"`);
}

function indexOf(value: unknown, key: unknown): unknown {
  if (typeof value === 'string') return value.charCodeAt(Number(key));
  if (Array.isArray(value)) {
    if (Number(key) < value.length && Number(key) >= 0) return (value as unknown[])[Number(key)];
    throw new UsageError(`a template asks for item ${print(key)} of ${value.length}`);
  }
  if (typeof value === 'object' && value !== null) return (value as Record<string, unknown>)[print(key)];
  throw new UsageError(`a template asks for an item of "${print(value)}"`);
}

function compare(a: unknown, b: unknown): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  if (typeof a === typeof b) return print(a) < print(b) ? -1 : print(a) > print(b) ? 1 : 0;
  throw new UsageError(`a template compares "${print(a)}" with "${print(b)}": incompatible types`);
}

/** The verbs of Go's fmt that make sense here. */
function sprintf(format: string, args: readonly unknown[]): string {
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
      return `${flags.includes('+') && Number(value) >= 0 ? '+' : ''}${Math.trunc(Number(value))}`;
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
