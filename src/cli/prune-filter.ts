/** `--filter` of the commands that remove what is not used: labels and age. */
import { compileFilters, labelMatchers, type Filter, type Matchers } from './filter.ts';
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
  return compileFilters(filters, prunableMatchers(nowMs));
}

/** The keys of what has labels and an age. */
export function prunableMatchers(nowMs: number): Matchers<Prunable> {
  return {
    ...labelMatchers(({ labels }: Prunable) => labels),
    until: (value) => {
      const limitMs = parseTimestamp(value, nowMs);
      return ({ created }) => Date.parse(created) <= limitMs;
    },
  };
}
