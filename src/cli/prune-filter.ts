/** `--filter` of the commands that remove what is not used: labels and age. */
import { applyFilters, hasLabel, type Filter } from './filter.ts';
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
  const matchers = {
    label: ({ labels }: Prunable, value: string) => hasLabel(labels, value),
    'label!': ({ labels }: Prunable, value: string) => !hasLabel(labels, value),
    until: ({ created }: Prunable, value: string) => Date.parse(created) <= parseTimestamp(value, nowMs),
  };
  applyFilters<Prunable>([{ labels: {}, created: '' }], filters, matchers); // A malformed one is refused, whatever there is.
  return (item) => applyFilters([item], filters, matchers).length > 0;
}
