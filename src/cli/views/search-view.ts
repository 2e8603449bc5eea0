/** What `search` finds, as it shows it. */
import type { FoundImage } from '../../model/found-image.ts';
import { parseInteger } from '../../model/numbers.ts';
import { parseBoolean, parseFilter, type Filter, type Matchers } from '../filter.ts';
import type { View } from '../format.ts';
import { printable } from '../printable.ts';

interface SearchViewOptions {
  /** Nothing is cut. */
  readonly full: boolean;
  /** Columns for what Docker Hub alone knows. */
  readonly compatible?: boolean;
  /** A column for tags, and none for what an image is. */
  readonly tags?: boolean;
}

/** Podman's table and template fields of `search`; whoever pushes to a registry has written what is in them. */
export function searchView({ full, compatible = false, tags = false }: SearchViewOptions): View<FoundImage> {
  const name = (row: FoundImage) => printable(row.name);
  const description = (row: FoundImage) => (full ? lineOf(row) : cut(lineOf(row)));
  const stars = (row: FoundImage) => String(row.stars);
  const official = (row: FoundImage) => mark(row.isOfficial);
  const automated = (row: FoundImage) => mark(row.isAutomated);
  const tag = (row: FoundImage) => printable(row.tag);
  const docker = [
    { heading: 'STARS', cell: stars },
    { heading: 'OFFICIAL', cell: official },
    { heading: 'AUTOMATED', cell: automated },
  ];
  return {
    columns: [
      { heading: 'NAME', cell: name },
      ...(tags ? [{ heading: 'TAG', cell: tag }] : [{ heading: 'DESCRIPTION', cell: description }]),
      ...(compatible && !tags ? docker : []),
    ],
    fields: {
      Index: (row) => row.registry,
      Name: name,
      Description: description,
      Stars: (row) => row.stars,
      Official: official,
      Automated: automated,
      Tag: tag,
    },
    json: (row) => ({
      Index: row.registry,
      Name: name(row),
      Description: lineOf(row),
      Stars: row.stars,
      Official: official(row),
      Automated: automated(row),
      Tag: tag(row),
    }),
  };
}

/** For `--list-tags --format json`: the tags of each image. */
export function tagsJson(rows: readonly FoundImage[]): readonly unknown[] {
  const byName = Map.groupBy(rows, ({ name }) => printable(name));
  return [...byName].map(([name, all]) => ({ Name: name, Tags: all.map(({ tag }) => printable(tag)) }));
}

/** The keys of `--filter`. */
export const searchMatchers: Matchers<FoundImage> = {
  'is-automated': (value) => {
    const isWanted = parseBoolean(value);
    return ({ isAutomated }) => isAutomated === isWanted;
  },
  'is-official': (value) => {
    const isWanted = parseBoolean(value);
    return ({ isOfficial }) => isOfficial === isWanted;
  },
  stars: (value) => {
    const least = parseInteger(value, { least: 0, most: Number.MAX_SAFE_INTEGER });
    return ({ stars }) => stars >= least;
  },
};

/** Parse one `--filter`, where `is-official` alone is `is-official=true`. */
export function parseSearchFilter(text: string): Filter {
  if (text.includes('=')) return parseFilter(text);
  return { key: text, value: text.startsWith('is-') ? 'true' : '' };
}

function mark(isSo: boolean): string {
  return isSo ? '[OK]' : '';
}

function lineOf({ description }: FoundImage): string {
  return printable(description.replaceAll('\n', ' '));
}

/** 44 characters, as Podman. */
function cut(text: string): string {
  const characters = Array.from(text);
  return characters.length > 44 ? `${characters.slice(0, 44).join('').trim()}...` : text;
}
