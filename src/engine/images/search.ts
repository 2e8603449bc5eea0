/** `search`: images and tags on registries, all of them asked at once. */
import { TspodError, UsageError } from '../../errors.ts';
import type { FoundImage } from '../../model/found-image.ts';
import { DOCKER_HUB, parseImageReference, parseRegistry, qualifyReference } from '../../model/image-reference.ts';
import { findRegistry } from '../../registry/endpoints.ts';
import { readRegistriesConf, type RegistriesConf } from '../../registry/registries-conf.ts';
import { searchRegistry } from '../../registry/search.ts';
import { registryOptions, type RegistryAccess } from './registry-access.ts';
import { listRemoteTags } from './remote-tags.ts';

export interface SearchOptions extends RegistryAccess {
  /** Of each registry; 25 unless told. */
  readonly limit?: number | undefined;
}

export interface Findings {
  readonly images: readonly FoundImage[];
  /** Of the registries that could not be searched. */
  readonly errors: readonly TspodError[];
}

const DEFAULT_LIMIT = 25;

/**
 * Look for images whose name contains a word.
 *
 * @param term `[REGISTRY/]WORD`; without the registry, on all that short names are looked for on
 * @throws {UsageError} when it names none
 */
export async function searchImages(term: string, options: SearchOptions): Promise<Findings> {
  const conf = await readRegistriesConf();
  const text = withoutTransport(term);
  const slash = text.indexOf('/');
  const places = slash < 0 ? shortNamePlaces(text, conf) : [parseRegistry(text.slice(0, slash))];
  const word = text.slice(slash + 1);
  const limit = options.limit || DEFAULT_LIMIT;
  return await askAll(places, options, async (place) => {
    const endpoint = findRegistry(place, conf);
    const found = await searchRegistry(endpoint, word, { ...registryOptions(conf, options), limit });
    const [registry = ''] = place.split('/');
    return found.map((one) => ({ ...one, registry, name: fullName(place, one.name), tag: '' }));
  });
}

/**
 * List the tags of a repository.
 *
 * @param term a name of an image; where it has no slash, of each registry that short names are looked for on
 * @throws {UsageError} when it is none
 */
export async function searchTags(term: string, options: SearchOptions): Promise<Findings> {
  const conf = await readRegistriesConf();
  const text = withoutTransport(term);
  const reference = parseImageReference(text);
  const names = text.includes('/')
    ? [qualifyReference(reference)]
    : shortNamePlaces(text, conf).map((place) => qualifyReference(reference, place));
  return await askAll(names, options, async (full) => {
    const tags = await listRemoteTags(full, conf, options);
    const image = { registry: full.domain, name: `${full.domain}/${full.path}`, ...NOTHING_MORE };
    return tags.slice(0, options.limit || DEFAULT_LIMIT).map((tag) => ({ ...image, tag }));
  });
}

const NOTHING_MORE = { description: '', stars: 0, isOfficial: false, isAutomated: false };

/** Each of the places; one that fails does not hide what the others have. */
async function askAll<P>(
  places: readonly P[],
  { credentials }: RegistryAccess,
  ask: (place: P) => Promise<FoundImage[]>,
): Promise<Findings> {
  if (credentials !== undefined && places.length > 1) {
    throw new UsageError(`--creds are for one registry, and ${String(places.length)} are searched`, {
      remedy: 'Name the registry: tspod search --creds USER:PASSWORD quay.io/WORD',
    });
  }
  const outcomes = await Promise.all(
    places.map(async (place): Promise<Findings> => {
      try {
        return { images: await ask(place), errors: [] };
      } catch (error) {
        if (error instanceof TspodError) return { images: [], errors: [error] };
        throw error;
      }
    }),
  );
  return {
    images: outcomes.flatMap(({ images }) => images),
    errors: outcomes.flatMap(({ errors }) => errors),
  };
}

function shortNamePlaces(word: string, { searchRegistries = [DOCKER_HUB] }: RegistriesConf): readonly string[] {
  if (searchRegistries.length > 0) return searchRegistries;
  throw new TspodError('there is nowhere to search: registries.conf has no search registries', {
    remedy: `Name the registry: tspod search ${DOCKER_HUB}/${word}`,
  });
}

/** On Docker Hub, images without a user's name are below `library/`. */
function fullName(place: string, name: string): string {
  return place === DOCKER_HUB && !name.includes('/') ? `${place}/library/${name}` : `${place}/${name}`;
}

function withoutTransport(text: string): string {
  return text.startsWith('docker://') ? text.slice('docker://'.length) : text;
}
