/** Where an image goes that is pushed, and what is there already. */
import { TspodError, UsageError } from '../../errors.ts';
import type { Digest } from '../../model/digest.ts';
import {
  formatImageReference,
  isLocalOnly,
  parseImageReference,
  qualifyReference,
  type QualifiedReference,
} from '../../model/image-reference.ts';
import { isForeignTransport } from '../../model/image-source.ts';
import { findEndpoints, type Endpoint } from '../../registry/endpoints.ts';
import type { RegistriesConf } from '../../registry/registries-conf.ts';
import { listImages, type StoredImage } from '../../store/images.ts';

/** @throws {UsageError} when it is on no registry */
export function findTarget(image: StoredImage, destination: string | undefined, name: string): QualifiedReference {
  if (destination !== undefined && isForeignTransport(destination)) {
    throw new UsageError(`"${destination}" is neither on a registry nor an archive, and push writes nothing else`, {
      remedy: 'Write an archive: tspod push IMAGE docker-archive:FILE',
    });
  }
  const text = destination?.replace(/^docker:\/\//, '') ?? image.foundAs;
  if (text === undefined) {
    throw new UsageError(`"${name}" is the id of an image, and says not where to push it`, {
      remedy: `tspod push ${name} REGISTRY/NAME`,
    });
  }
  const target = qualifyReference(parseImageReference(text));
  if (!isLocalOnly(target)) return target;
  throw new UsageError(
    `"${formatImageReference(target)}" is on no registry: names below localhost/ stay on this machine`,
    {
      remedy: `tspod push ${name} REGISTRY/${formatImageReference({ ...target, domain: undefined })}`,
    },
  );
}

/** Repositories of the registry by the layers of the image that they have, as far as the names in the store tell. */
export function findElsewhere(
  image: StoredImage,
  { registry, repository }: Endpoint,
  conf: RegistriesConf,
): ReadonlyMap<Digest, string> {
  const wanted = new Set(image.manifest.layers.map(({ digest }) => digest));
  const found = new Map<Digest, string>();
  for (const { manifest, names } of listImages()) {
    const place = names
      .map((name) => placeOf(name, conf))
      .find((one) => one?.registry === registry && one.repository !== repository);
    if (place === undefined) continue;
    for (const { digest } of manifest.layers) if (wanted.has(digest)) found.set(digest, place.repository);
  }
  return found;
}

function placeOf(name: string, conf: RegistriesConf): Endpoint | undefined {
  try {
    return findEndpoints(qualifyReference(parseImageReference(name)), conf).at(-1);
  } catch (error) {
    if (error instanceof TspodError) return undefined; // Of this machine alone, or blocked.
    throw error;
  }
}

/** @throws {UsageError} when the name asks for another content */
export function checkDigest({ digest: asked, ...target }: QualifiedReference, actual: Digest): void {
  if (asked === undefined || asked === actual) return;
  throw new UsageError(`the image has the digest "${actual}", and cannot be pushed as "${asked}"`, {
    remedy: `Push it under a tag: ${formatImageReference({ ...target, tag: target.tag ?? 'latest', digest: undefined })}`,
  });
}
