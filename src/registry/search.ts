/**
 * What a registry has whose name contains a word: the search of Docker's old registries, which Docker Hub and some others
 * have kept, or a look through the list of all repositories.
 *
 * @see https://distribution.github.io/distribution/spec/api/#listing-repositories
 */
import { TspodError, UsageError } from '../errors.ts';
import { boolean, count, decode, list, object, optional, string } from '../model/decode.ts';
import { DOCKER_HUB } from '../model/image-reference.ts';
import { RegistryConnection, type RegistryOptions } from './connection.ts';
import type { Endpoint } from './endpoints.ts';

export interface FoundRepository {
  /** Below the path of the endpoint. */
  readonly name: string;
  readonly description: string;
  readonly stars: number;
  readonly isOfficial: boolean;
  readonly isAutomated: boolean;
}

export interface SearchOptions extends Omit<RegistryOptions, 'purpose'> {
  readonly limit: number;
}

/** Docker Hub is searched on another host than images are pulled from. */
const HUB_INDEX = 'index.docker.io';

/**
 * Search one registry.
 *
 * @param word empty: all that it has
 * @throws {TspodError} when it cannot be reached, or cannot be searched
 */
export async function searchRegistry(
  { registry, repository, insecure }: Endpoint,
  word: string,
  { limit, ...options }: SearchOptions,
): Promise<FoundRepository[]> {
  const isHub = registry === DOCKER_HUB;
  if (isHub && word === '') {
    throw new UsageError(`"${DOCKER_HUB}" does not list all that it has`, { remedy: 'tspod search docker.io/WORD' });
  }
  const host = { registry: isHub ? HUB_INDEX : registry, repository: '', insecure };
  await using connection = await RegistryConnection.open(host, { ...options, purpose: 'search' });
  const query = { word, limit, below: repository === '' ? '' : `${repository}/` };
  if (isHub) return await askIndex(connection, query);
  return (word === '' ? undefined : await tryIndex(connection, query)) ?? (await searchCatalog(connection, query));
}

interface Query {
  readonly word: string;
  readonly limit: number;
  /** What the names must begin with. */
  readonly below: string;
}

/** Undefined where there is no such search: a registry without it may answer with anything, a web page too. */
async function tryIndex(connection: RegistryConnection, query: Query): Promise<FoundRepository[] | undefined> {
  try {
    return await askIndex(connection, query);
  } catch (error) {
    if (error instanceof TspodError) return undefined;
    throw error;
  }
}

/** The search is for everybody, and older than the way in which credentials are asked for now. */
async function askIndex(connection: RegistryConnection, { word, limit, below }: Query): Promise<FoundRepository[]> {
  const url = new URL('/v1/search', connection.base);
  url.searchParams.set('q', word);
  url.searchParams.set('n', String(limit));
  const { bytes } = await connection.fetchDocument({ url }, url.pathname, { anonymously: true });
  const what = `search of ${connection.endpoint.registry}`;
  const { results } = decode(resultsSchema, bytes.toString('utf8'), what);
  const isHub = connection.endpoint.registry === HUB_INDEX;
  return (results ?? [])
    .map((result) => (isHub && !result.name.includes('/') ? { ...result, name: `library/${result.name}` } : result))
    .filter(({ name }) => name.startsWith(below))
    .slice(0, limit)
    .map((result) => ({
      name: result.name.slice(below.length),
      description: result.description ?? '',
      stars: result.star_count ?? 0,
      isOfficial: result.is_official ?? false,
      isAutomated: result.is_automated ?? false,
    }));
}

async function searchCatalog(
  connection: RegistryConnection,
  { word, limit, below }: Query,
): Promise<FoundRepository[]> {
  const names: string[] = [];
  for await (const page of connection.fetchPages(CATALOG, { what: CATALOG, items: 'repositories' })) {
    const { repositories } = decode(catalogSchema, page, `repositories of ${connection.endpoint.registry}`);
    const near = (repositories ?? []).filter((name) => name.startsWith(below)).map((name) => name.slice(below.length));
    names.push(...near.filter((name) => name.includes(word)));
    if (names.length >= limit) break;
  }
  return names
    .slice(0, limit)
    .map((name) => ({ name, description: '', stars: 0, isOfficial: false, isAutomated: false }));
}

const CATALOG = '/v2/_catalog';

const catalogSchema = object({ repositories: optional(list(string)) });

const resultsSchema = object({
  results: optional(
    list(
      object({
        name: string,
        description: optional(string),
        star_count: optional(count),
        is_official: optional(boolean),
        is_automated: optional(boolean),
      }),
    ),
  ),
});
