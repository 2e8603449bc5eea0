/** An image in the store by what a user calls it: an id, a full name, or a short name with all it may stand for. */
import { TspodError } from '../../errors.ts';
import {
  formatImageReference,
  isLocalOnly,
  parseImageReference,
  qualifyReference,
  type ImageReference,
  type QualifiedReference,
} from '../../model/image-reference.ts';
import type { ImageConfig } from '../../model/oci-image.ts';
import { choosePlatform, type Platform } from '../../model/platform.ts';
import { expandShortName } from '../../registry/endpoints.ts';
import { readRegistriesConf, type RegistriesConf } from '../../registry/registries-conf.ts';
import { findImage, findRepositories, hasImageNamed, listImages, type StoredImage } from '../../store/images.ts';
import { missingImage } from './missing-image.ts';

/**
 * Find an image by id or name, as `run`, `rmi` and `image inspect` take it; registries are not asked.
 *
 * @throws {NotFoundError} when the store has none
 */
export async function resolveStoredImage(name: string): Promise<StoredImage> {
  const direct = findImage(name);
  if (direct !== undefined) return direct;
  // Only now: reading registries.conf takes longer than looking into the store. An id is no name.
  const isId = /^(?:sha256:)?[0-9a-f]{64}$/.test(name);
  const named = isId ? undefined : findNamedImage(parseImageReference(name), await readRegistriesConf());
  if (named !== undefined) return named;
  throw missingImage(name);
}

/**
 * The images a command is about.
 *
 * @throws {NotFoundError} when one of them does not exist
 */
export async function findImages(names: readonly string[], { all }: { readonly all: boolean }): Promise<StoredImage[]> {
  return all ? listImages() : await Promise.all(names.map(resolveStoredImage));
}

/** What the store has under one of the full names that a name stands for, if it runs where it is wanted. */
export function findNamedImage(
  reference: ImageReference,
  conf: RegistriesConf,
  platform?: Platform,
): StoredImage | undefined {
  for (const name of candidates(reference, conf)) {
    const image = findImage(formatImageReference(name));
    if (image !== undefined && (platform === undefined || isFor(image.config, platform))) return image;
  }
  return undefined;
}

/**
 * The full names that a registry may be asked for: that of the image which is here under the short name, else all that
 * the name may stand for.
 *
 * @throws {TspodError} when short names are forbidden
 */
export function namesToPull(
  reference: ImageReference,
  conf: RegistriesConf,
  platform?: Platform,
): readonly QualifiedReference[] {
  if (reference.domain === undefined && platform === undefined) {
    const here = candidates(reference, conf).find(isHere);
    if (here !== undefined && !isLocalOnly(here)) return [here];
  }
  return expandShortName(reference, conf);
}

/** Does an image run on this platform? */
export function isFor({ os, architecture, variant }: ImageConfig, platform: Platform): boolean {
  const own = { os, architecture, ...(variant === undefined ? {} : { variant }) };
  return choosePlatform([own], platform) !== undefined;
}

/** Where registries.conf leads to nothing that is here, Podman takes what any registry has under a name with this end. */
function candidates(reference: ImageReference, conf: RegistriesConf): QualifiedReference[] {
  if (reference.domain !== undefined) return [qualifyReference(reference)];
  return [...settled(reference, conf), ...ofAnyRegistry(reference)];
}

/** Images made here come first; a short name that may not be pulled may still be here. */
function settled(reference: ImageReference, conf: RegistriesConf): QualifiedReference[] {
  const local = qualifyReference(reference, 'localhost');
  try {
    return [local, ...expandShortName(reference, conf)];
  } catch (error) {
    if (error instanceof TspodError) return [local];
    throw error;
  }
}

function ofAnyRegistry({ path, tag, digest }: ImageReference): QualifiedReference[] {
  return findRepositories(path).map((name) => qualifyReference({ ...parseImageReference(name), tag, digest }));
}

function isHere(name: QualifiedReference): boolean {
  return hasImageNamed(formatImageReference(name));
}
