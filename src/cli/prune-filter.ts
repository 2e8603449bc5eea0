/** `--filter` of the commands that remove what is not used: labels and age. */
import type { Prunable } from '../model/prunable.ts';
import { compileFilters, labelMatchers, type Filter, type Matchers } from './filter.ts';
import { parseTimestamp } from './timestamp.ts';

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
