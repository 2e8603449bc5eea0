/** `--filter` of the commands that remove what is not used: labels and age. */
import { compileFilters, hasLabel, type Filter, type Matchers } from './filter.ts';
import { parseTimestamp } from './timestamp.ts';

/** What containers, images and volumes have in common. */
export interface Prunable {
  readonly labels: Readonly<Record<string, string>>;
  /** RFC 3339 */
  readonly created: string;
}

/**
 * Whether something passes all filters.
 *
 * @param nowMs the present, in milliseconds since 1970
 */
export function pruneFilter(filters: readonly Filter[], nowMs: number): (item: Prunable) => boolean {
  const matchers: Matchers<Prunable> = {
    label:
      (value) =>
      ({ labels }) =>
        hasLabel(labels, value),
    'label!':
      (value) =>
      ({ labels }) =>
        !hasLabel(labels, value),
    until: (value) => {
      const limitMs = parseTimestamp(value, nowMs);
      return ({ created }) => Date.parse(created) <= limitMs;
    },
  };
  return compileFilters(filters, matchers);
}
