/** What `search` finds, as it shows it. */
import { parseInteger } from '../../model/numbers.ts';
import { parseBoolean, parseFilter, type Filter, type Matchers } from '../filter.ts';
import type { View } from '../format.ts';
import { printable } from '../printable.ts';

/** What the engine knows about an image that a registry has. */
interface SearchRow {
  readonly registry: string;
  readonly name: string;
  readonly description: string;
  readonly stars: number;
  readonly isOfficial: boolean;
  readonly isAutomated: boolean;
  readonly tag: string;
}

interface SearchViewOptions {
  /** Nothing is cut. */
  readonly full: boolean;
  /** Columns for what Docker Hub alone knows. */
  readonly compatible?: boolean;
  /** A column for tags, and none for what an image is. */
  readonly tags?: boolean;
}

/** Podman's table and template fields of `search`; whoever pushes to a registry has written what is in them. */
export function searchView({ full, compatible = false, tags = false }: SearchViewOptions): View<SearchRow> {
  const name = (row: SearchRow) => printable(row.name);
  const description = (row: SearchRow) => (full ? lineOf(row) : cut(lineOf(row)));
  const stars = (row: SearchRow) => String(row.stars);
  const official = (row: SearchRow) => mark(row.isOfficial);
  const automated = (row: SearchRow) => mark(row.isAutomated);
  const tag = (row: SearchRow) => printable(row.tag);
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
export function tagsJson(rows: readonly SearchRow[]): readonly unknown[] {
  const byName = Map.groupBy(rows, ({ name }) => printable(name));
  return [...byName].map(([name, all]) => ({ Name: name, Tags: all.map(({ tag }) => printable(tag)) }));
}

/** The keys of `--filter`. */
export const searchMatchers: Matchers<SearchRow> = {
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

function lineOf({ description }: SearchRow): string {
  return printable(description.replaceAll('\n', ' '));
}

/** 44 characters, as Podman. */
function cut(text: string): string {
  const characters = Array.from(text);
  return characters.length > 44 ? `${characters.slice(0, 44).join('').trim()}...` : text;
}
