/** From a full name to the manifest of the image for one platform, wherever it is found first. */
import { NotFoundError, TspodError } from '../errors.ts';
import { formatImageReference, type QualifiedReference } from '../model/image-reference.ts';
import { decodeManifest, selectManifest, type ImageManifest } from '../model/oci-image.ts';
import type { Platform } from '../model/platform.ts';
import { RegistryClient, type FetchedManifest } from './client.ts';
import type { RegistryOptions } from './connection.ts';
import { findEndpoints, type Endpoint } from './endpoints.ts';
import type { RegistriesConf } from './registries-conf.ts';

/** An image found on a registry; dispose of it when its layers are here. */
export interface RemoteImage extends AsyncDisposable {
  readonly client: RegistryClient;
  readonly reference: QualifiedReference;
  /** What the name leads to, when that is an index. */
  readonly index: FetchedManifest | undefined;
  readonly document: FetchedManifest;
  readonly manifest: ImageManifest;
}

export interface ResolveOptions extends RegistryOptions {
  readonly platform: Platform;
}

/** An index may name another index; nobody nests them deeper. */
const MAX_INDEXES = 3;

/**
 * Find an image on its mirrors and its registry, in that order.
 *
 * @throws {TspodError} the reason of the last place, which is the registry itself
 */
export async function findRemoteImage(
  reference: QualifiedReference,
  conf: RegistriesConf,
  options: ResolveOptions,
): Promise<RemoteImage> {
  return await firstOf(findEndpoints(reference, conf), async (endpoint) => {
    const client = await connect(endpoint, reference, { credentialHelpers: conf.credentialHelpers, ...options });
    try {
      const found = await fetchImageManifest(client, reference, options.platform);
      return { client, reference, ...found, [Symbol.asyncDispose]: () => client[Symbol.asyncDispose]() };
    } catch (error) {
      await client[Symbol.asyncDispose]();
      throw error;
    }
  });
}

/**
 * Connect to one of the places of a name. Credentials that were given are for the registry that the name says, and not
 * for a mirror elsewhere, which has those of its own.
 *
 * @throws {TspodError} when it cannot be reached or is no registry
 */
export async function connect(
  endpoint: Endpoint,
  { domain }: QualifiedReference,
  options: RegistryOptions,
): Promise<RegistryClient> {
  const credentials = endpoint.registry === domain ? options.credentials : undefined;
  return await RegistryClient.connect(endpoint, { ...options, credentials });
}

/** Try places in order; the error of the last one is thrown, with those before it as its cause. */
export async function firstOf<P, T>(places: readonly P[], attempt: (place: P) => Promise<T>): Promise<T> {
  const errors: TspodError[] = [];
  for (const place of places) {
    try {
      return await attempt(place);
    } catch (error) {
      if (!(error instanceof TspodError)) throw error;
      errors.push(error);
    }
  }
  throw mergeErrors(errors);
}

async function fetchImageManifest(
  client: RegistryClient,
  reference: QualifiedReference,
  platform: Platform,
): Promise<Pick<RemoteImage, 'index' | 'document' | 'manifest'>> {
  const what = formatImageReference(reference);
  let document = await client.fetchManifest(reference.digest ?? reference.tag ?? 'latest');
  let index: FetchedManifest | undefined;
  for (let depth = 0; depth <= MAX_INDEXES; depth += 1) {
    const decoded = decodeManifest(document.bytes.toString('utf8'), what, document.mediaType);
    if (decoded.kind === 'manifest') return { index, document, manifest: decoded.manifest };
    index ??= document;
    const chosen = selectManifest(decoded.index, platform, what);
    document = await client.fetchManifest(chosen.digest);
    if (document.bytes.length !== chosen.size) {
      throw new TspodError(
        `"${what}" is malformed: its manifest has ${document.bytes.length} bytes, not ${chosen.size}`,
      );
    }
  }
  throw new TspodError(`"${what}" is malformed: its indexes are nested too deeply`);
}

/** When a name was found nowhere, say so for all the places at once. */
function mergeErrors(errors: readonly TspodError[]): TspodError {
  const last = errors.at(-1);
  if (last === undefined) return new TspodError('there is no registry to ask');
  if (errors.length === 1) return last;
  const message = errors.map((error) => error.message).join('; ');
  const details = { cause: new AggregateError(errors), remedy: last.remedy };
  return errors.every((error) => error instanceof NotFoundError)
    ? new NotFoundError(message, details)
    : new TspodError(message, details);
}
