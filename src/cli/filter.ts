/**
 * `--filter KEY=VALUE`: values of one key are alternatives, different keys must all hold; labels and annotations must all
 * hold, too, and so must all that are negated, `KEY!=VALUE`.
 */
import { UsageError } from '../errors.ts';
import { readBoolean } from '../model/boolean.ts';
import { compileGlob } from '../model/glob.ts';

export interface Filter {
  readonly key: string;
  readonly value: string;
}

/** For each key what a value stands for: whether an object passes. A value that it cannot have throws. */
export type Matchers<T> = Readonly<Record<string, (value: string) => (item: T) => boolean>>;

/**
 * Parse one `--filter`.
 *
 * @throws {UsageError} when there is no `=`
 */
export function parseFilter(text: string): Filter {
  const [, key, negation, value = ''] = /^([a-z-]+)(!?)=(.*)$/s.exec(text) ?? [];
  if (key !== undefined) return { key: `${key}${negation}`, value };
  throw new UsageError(`"${text}" is not a filter`, { remedy: 'Write KEY=VALUE: status=running' });
}

/**
 * The filters of a list in one flag, `KEY=VALUE,KEY=VALUE`: a comma ends a value where a key of the command follows, and
 * belongs to the value everywhere else. Podman ends it at every comma, and refuses what is no filter then.
 */
export function splitFilters(filters: readonly Filter[], matchers: Readonly<Record<string, unknown>>): Filter[] {
  const keys = Object.getOwnPropertyNames(matchers); // Also those that nobody is told of: withNegations().
  const comma = new RegExp(`,(?=(?:${keys.join('|')})=)`);
  return filters.flatMap(({ key, value }) => `${key}=${value}`.split(comma).map(parseFilter));
}

/**
 * Whether an object passes all filters. A malformed one is refused whatever there is.
 *
 * @throws {UsageError} when there is no such key, or a value that it cannot have
 */
export function compileFilters<T>(filters: readonly Filter[], matchers: Matchers<T>): (item: T) => boolean {
  const byKey = new Map<string, ((item: T) => boolean)[]>();
  for (const { key, value } of filters) {
    const matcher = Object.hasOwn(matchers, key) ? matchers[key] : undefined;
    if (!matcher) {
      throw new UsageError(`"${key}" is not something to filter by`, {
        remedy: `There are: ${Object.keys(matchers).sort().join(', ')}`,
      });
    }
    byKey.set(key, [...(byKey.get(key) ?? []), matcher(value)]);
  }
  const tests = [...byKey].map(([key, matches]) => {
    const isEvery = /^(?:label|annotation|.*!)$/.test(key);
    return (item: T) => (isEvery ? matches.every((passes) => passes(item)) : matches.some((passes) => passes(item)));
  });
  return (item) => tests.every((passes) => passes(item));
}

/** The same where every key may be negated, `KEY!=VALUE`, which nobody need be told. */
export function withNegations<T>(matchers: Matchers<T>): Matchers<T> {
  const negated = Object.entries(matchers).map(([key, matcher]) => [`${key}!`, { value: negate(matcher) }] as const);
  return Object.defineProperties({ ...matchers }, Object.fromEntries(negated));
}

function negate<T>(matcher: Matchers<T>[string]): Matchers<T>[string] {
  return (value) => {
    const isUnwanted = matcher(value);
    return (item) => !isUnwanted(item);
  };
}

/** Keep what passes all filters, as compileFilters() has it, which may stand in lists: splitFilters(). */
export function applyFilters<T>(items: readonly T[], filters: readonly Filter[], matchers: Matchers<T>): T[] {
  return items.filter(compileFilters(splitFilters(filters, matchers), matchers));
}

/**
 * A value of a fixed set.
 *
 * @param what `a status of containers`
 * @throws {UsageError} when it is none of these
 */
export function checkWord(value: string, what: string, known: readonly string[]): string {
  if (known.includes(value)) return value;
  throw new UsageError(`"${value}" is not ${what}`, { remedy: `There are: ${known.join(', ')}` });
}

/** @throws {UsageError} when it is neither */
export function parseBoolean(text: string): boolean {
  const value = readBoolean(text);
  if (value !== undefined) return value;
  throw new UsageError(`"${text}" is neither true nor false`, { remedy: 'Write true or false.' });
}

type Labels = Readonly<Record<string, string>>;

/** The keys `label` and `label!` of what has labels: `KEY` or `KEY=VALUE`; no value is any, `*` in the key any text. */
export function labelMatchers<T>(labelsOf: (item: T) => Labels) {
  return {
    label: (value: string) => {
      const isWanted = labelMatcher(value);
      return (item: T) => isWanted(labelsOf(item));
    },
    'label!': (value: string) => {
      const isUnwanted = labelMatcher(value);
      return (item: T) => !isUnwanted(labelsOf(item));
    },
  } satisfies Matchers<T>;
}

function labelMatcher(wanted: string): (labels: Labels) => boolean {
  const [, key = '', value = ''] = /^([^=]*)(?:=(.*))?$/s.exec(wanted) ?? [];
  const isValue = (text: string | undefined) => text !== undefined && (value === '' || text === value);
  if (!key.includes('*')) return (labels) => Object.hasOwn(labels, key) && isValue(labels[key]);
  // Podman's pattern need not fit the whole key.
  const pattern = compileGlob(`*${key}*`);
  return (labels) => Object.entries(labels).some(([name, text]) => pattern?.test(name) === true && isValue(text));
}

/**
 * A value as a regular expression, as Podman takes names.
 *
 * @throws {UsageError} when it is none
 */
export function parseExpression(pattern: string): RegExp {
  try {
    return new RegExp(pattern);
  } catch (cause) {
    throw new UsageError(`"${pattern}" is not a regular expression`, { remedy: 'Write a name, or ^name$', cause });
  }
}
