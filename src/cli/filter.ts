/** `--filter KEY=VALUE`: values of one key are alternatives, different keys must all hold; labels must all hold, too. */
import { UsageError } from '../errors.ts';

export interface Filter {
  readonly key: string;
  readonly value: string;
}

/** Whether an object passes the values of one key. */
export type Matchers<T> = Readonly<Record<string, (item: T, value: string) => boolean>>;

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
 * Keep what passes all filters.
 *
 * @throws {UsageError} when there is no such key
 */
export function applyFilters<T>(items: readonly T[], filters: readonly Filter[], matchers: Matchers<T>): T[] {
  const byKey = new Map<string, string[]>();
  for (const { key, value } of filters) byKey.set(key, [...(byKey.get(key) ?? []), value]);
  const tests = [...byKey].map(([key, values]) => {
    const matches = Object.hasOwn(matchers, key) ? matchers[key] : undefined;
    if (!matches) {
      throw new UsageError(`"${key}" is not something to filter by`, {
        remedy: `There are: ${Object.keys(matchers).sort().join(', ')}`,
      });
    }
    const isEvery = key === 'label' || key === 'label!';
    return (item: T) =>
      isEvery ? values.every((value) => matches(item, value)) : values.some((value) => matches(item, value));
  });
  return items.filter((item) => tests.every((passes) => passes(item)));
}

/** `KEY` or `KEY=VALUE` against labels. */
export function hasLabel(labels: Readonly<Record<string, string>>, wanted: string): boolean {
  const equals = wanted.indexOf('=');
  if (equals < 0) return Object.hasOwn(labels, wanted);
  return labels[wanted.slice(0, equals)] === wanted.slice(equals + 1);
}

/**
 * A value as a regular expression, as Podman takes names.
 *
 * @throws {UsageError} when it is none
 */
export function matchesExpression(text: string, pattern: string): boolean {
  try {
    return new RegExp(pattern).test(text);
  } catch (cause) {
    throw new UsageError(`"${pattern}" is not a regular expression`, { remedy: 'Write a name, or ^name$', cause });
  }
}
