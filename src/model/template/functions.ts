/** The functions of templates: Go's own, and the eight that Docker and Podman add. */
import { UsageError } from '../../errors.ts';
import { ownText, print, printAll, sprintf } from './print.ts';

/** Arguments are evaluated by the function, since `and` and `or` stop early. */
type Argument = () => unknown;

interface TemplateFunction {
  /** How many arguments it takes. */
  readonly least: number;
  readonly most: number;
  readonly call: (args: unknown[]) => unknown;
}

function taking(least: number, most: number, call: TemplateFunction['call']): TemplateFunction {
  return { least, most, call };
}

const FUNCTIONS: Readonly<Record<string, TemplateFunction>> = {
  not: taking(1, 1, ([value]) => !isTruth(value)),
  len: taking(1, 1, ([value]) => lengthOf(value)),
  index: taking(1, Infinity, ([value, ...keys]) => keys.reduce(indexOf, value)),
  slice: taking(1, 3, ([value, ...bounds]) => sliceOf(value, bounds)),
  print: taking(0, Infinity, printAll),
  println: taking(0, Infinity, (args) => `${args.map(print).join(' ')}\n`),
  printf: taking(1, Infinity, ([format, ...args]) => sprintf(textOf('printf', format), args)),
  html: taking(1, Infinity, (args) => escapeHtml(printAll(args))),
  js: taking(1, Infinity, (args) => escapeScript(printAll(args))),
  urlquery: taking(1, Infinity, (args) => encodeURIComponent(printAll(args)).replaceAll('%20', '+')),
  eq: taking(2, Infinity, ([first, ...others]) => others.some((other) => compare(first, other) === 0)),
  ne: taking(2, 2, ([a, b]) => compare(a, b) !== 0),
  lt: taking(2, 2, ([a, b]) => compare(a, b) < 0),
  le: taking(2, 2, ([a, b]) => compare(a, b) <= 0),
  gt: taking(2, 2, ([a, b]) => compare(a, b) > 0),
  ge: taking(2, 2, ([a, b]) => compare(a, b) >= 0),
  json: taking(1, 1, ([value]) => (typeof value === 'bigint' ? String(value) : JSON.stringify(value ?? null))),
  join: taking(2, 2, ([values, separator]) => listOf('join', values).map(print).join(textOf('join', separator))),
  lower: taking(1, 1, ([value]) => textOf('lower', value).toLowerCase()),
  upper: taking(1, 1, ([value]) => textOf('upper', value).toUpperCase()),
  pad: taking(3, 3, ([value, before, after]) => pad(textOf('pad', value), { before, after })),
  split: taking(2, 2, ([value, separator]) => textOf('split', value).split(textOf('split', separator))),
  title: taking(1, 1, ([value]) => toTitle(textOf('title', value))),
  truncate: taking(2, 2, ([value, length]) =>
    Array.from(textOf('truncate', value)).slice(0, numberOf('truncate', length)).join(''),
  ),
  call: taking(1, Infinity, ([callee, ...args]) => {
    if (typeof callee === 'function') return (callee as (...values: unknown[]) => unknown)(...args);
    throw unsuitable('call', callee, 'a function');
  }),
};

/** Whether templates may call it. */
export function isFunction(name: string): boolean {
  return name === 'and' || name === 'or' || Object.hasOwn(FUNCTIONS, name);
}

/** What to say of a name that is no function's. */
export function unknownFunction(name: string): UsageError {
  const names = ['and', 'or', ...Object.keys(FUNCTIONS)].sort();
  return new UsageError(`a template has no function "${name}"`, { remedy: `The functions are: ${names.join(', ')}` });
}

/** @throws {UsageError} when there is no such function, or it cannot do anything with these arguments */
export function callFunction(name: string, args: readonly Argument[]): unknown {
  if (name === 'and' || name === 'or') {
    if (args.length === 0) throw new UsageError(`a template gives "${name}" no arguments`);
    let value: unknown;
    for (const arg of args) {
      value = arg();
      if (isTruth(value) === (name === 'or')) return value;
    }
    return value;
  }
  const found = Object.hasOwn(FUNCTIONS, name) ? FUNCTIONS[name] : undefined;
  if (!found) throw unknownFunction(name);
  const { least, most, call } = found;
  if (args.length >= least && args.length <= most) return call(args.map((arg) => arg()));
  const wanted = least === most ? String(least) : args.length < least ? `at least ${least}` : `at most ${most}`;
  throw new UsageError(`a template gives "${name}" ${args.length} arguments, and it takes ${wanted}`);
}

/** Whether `if` takes a value for true: not false, 0, nothing or empty. */
export function isTruth(value: unknown): boolean {
  if (value === null || value === undefined) return false;
  if (typeof value === 'object') return ownText(value) !== undefined || lengthOf(value) > 0;
  return Boolean(value);
}

const HTML: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&#34;', "'": '&#39;' };

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (char) => HTML[char] ?? char);
}

function escapeScript(text: string): string {
  return text
    .replace(/[\\'"]/g, (char) => `\\${char}`)
    .replace(/[<>&=\p{Cc}]/gu, (char) => `\\u${char.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}`);
}

function pad(text: string, { before, after }: { readonly before: unknown; readonly after: unknown }): string {
  if (text === '') return '';
  return ' '.repeat(numberOf('pad', before)) + text + ' '.repeat(numberOf('pad', after));
}

function toTitle(text: string): string {
  return text.replace(
    /(^|[^\p{L}\p{N}_'])(\p{L})/gu,
    (_, before: string, letter: string) => before + letter.toUpperCase(),
  );
}

function sliceOf(value: unknown, bounds: readonly unknown[]): unknown {
  if (typeof value !== 'string' && !Array.isArray(value)) throw unsuitable('slice', value, 'a text or a list');
  const [from = 0, to = value.length] = bounds.map((bound) => numberOf('slice', bound));
  if (from <= to && to <= value.length) return value.slice(from, to);
  throw new UsageError(`a template asks for items ${from} to ${to} of ${value.length}`);
}

/** Nothing is an empty text: what a record does not have, say. */
function textOf(name: string, value: unknown): string {
  if (value === undefined || value === null) return '';
  if (typeof value === 'string') return value;
  throw unsuitable(name, value, 'a text');
}

function listOf(name: string, value: unknown): unknown[] {
  if (value === undefined || value === null) return [];
  if (Array.isArray(value)) return value;
  throw unsuitable(name, value, 'a list');
}

function numberOf(name: string, value: unknown): number {
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0) return value;
  throw unsuitable(name, value, 'a whole number');
}

function unsuitable(name: string, value: unknown, wanted: string): UsageError {
  return new UsageError(`a template gives "${name}" "${print(value)}", and it takes ${wanted}`);
}

function lengthOf(value: unknown): number {
  if (typeof value === 'string' || Array.isArray(value)) return value.length;
  if (typeof value === 'object' && value !== null) return Object.keys(value).length;
  throw new UsageError(`a template asks for the length of "${print(value)}"`);
}

function indexOf(value: unknown, key: unknown): unknown {
  if (typeof value === 'string' || Array.isArray(value)) {
    const at = numberOf('index', key);
    if (at < value.length) return typeof value === 'string' ? value.charCodeAt(at) : (value as unknown[])[at];
    throw new UsageError(`a template asks for item ${at} of ${value.length}`);
  }
  if (typeof value === 'object' && value !== null) return (value as Record<string, unknown>)[print(key)] ?? '';
  throw new UsageError(`a template asks for an item of "${print(value)}"`);
}

function compare(a: unknown, b: unknown): number {
  if (isNumber(a) && isNumber(b)) return a < b ? -1 : a > b ? 1 : 0;
  if (typeof a === typeof b) return print(a) < print(b) ? -1 : print(a) > print(b) ? 1 : 0;
  throw new UsageError(`a template compares "${print(a)}" with "${print(b)}": incompatible types`);
}

/** A bigint is what has no room in a double: nanoseconds since 1970. */
function isNumber(value: unknown): value is number | bigint {
  return typeof value === 'number' || typeof value === 'bigint';
}
