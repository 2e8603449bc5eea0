/** The images there are, and what is known of one, in Podman's forms. */
import { probeHost } from '../../host/probe.ts';
import { digestHex, type Digest } from '../../model/digest.ts';
import { repoDigests, repoTags } from '../../model/image-names.ts';
import type { ImageManifest } from '../../model/oci-image.ts';
import { listContainers } from '../../store/container-list.ts';
import { recordImageEvent } from '../../store/events.ts';
import { listImages, tagImage, untagImage, type StoredImage } from '../../store/images.ts';
import { layerPath } from '../../store/layers.ts';
import { formatImageReference, parseImageReference, qualifyReference } from '../../model/image-reference.ts';
import { NotFoundError, UsageError } from '../../errors.ts';
import { prepareStore } from './built-in-image.ts';
import { resolveStoredImage } from './find-image.ts';
import { findParents } from './history.ts';
import { chooseStorageDriver } from '../storage-driver.ts';

/** An image as `images` lists it. */
export interface ListedImage extends StoredImage {
  /** How many containers were made from it. */
  readonly containers: number;
  /** Id of the image that it was made from, where that is here. */
  readonly parent: Digest | undefined;
}

/** Every image; a store that is new has the built-in one. */
export async function listStoredImages(): Promise<ListedImage[]> {
  await prepareStore();
  const used = new Map<string, number>();
  for (const { config } of listContainers()) {
    if ('image' in config.root) used.set(config.root.image.id, (used.get(config.root.image.id) ?? 0) + 1);
  }
  const images = listImages();
  const parents = findParents(images);
  return images.map((image) => ({
    ...image,
    containers: used.get(image.id) ?? 0,
    parent: parents.get(image)?.id,
  }));
}

/**
 * What `image inspect` shows, in Podman's JSON.
 *
 * @throws {NotFoundError} when the store has none of that name
 */
export async function inspectImage(name: string) {
  await prepareStore();
  const image = await resolveStoredImage(name);
  const { config, layers } = image;
  const parents = [...findParents(listImages())];
  const parent = parents.find(([{ id }]) => id === image.id)?.[1];
  const driver = await chooseStorageDriver({}, await probeHost());
  return {
    Id: digestHex(image.id),
    Digest: image.digest,
    RepoTags: repoTags(image),
    RepoDigests: repoDigests(image),
    Parent: parent === undefined ? '' : digestHex(parent.id),
    Comment: config.history?.at(-1)?.comment ?? '',
    Created: image.created,
    Config: config.config ?? {},
    Version: '',
    Author: config.author ?? '',
    Architecture: config.architecture,
    Os: config.os,
    Size: image.size,
    VirtualSize: image.size,
    GraphDriver: {
      Name: driver,
      Data: {
        ...(layers.length > 1 ? { LowerDir: layers.slice(0, -1).reverse().map(layerPath).join(':') } : {}),
        ...(layers.length > 0 ? { UpperDir: layers.slice(-1).map(layerPath).join('') } : {}),
      },
    },
    RootFS: { Type: config.rootfs.type, Layers: layers },
    Labels: config.config?.Labels ?? null,
    Annotations: annotationsOf(image.manifest),
    ManifestType: image.manifest.mediaType ?? '',
    User: config.config?.User ?? '',
    History: config.history ?? [],
    NamesHistory: [...image.names].reverse(),
  };
}

/** Whether the store has an image of this name or id. */
export async function imageExists(name: string): Promise<boolean> {
  await prepareStore();
  try {
    await resolveStoredImage(name);
    return true;
  } catch (error) {
    if (error instanceof NotFoundError) return false;
    throw error;
  }
}

/**
 * Give an image more names.
 *
 * @throws {NotFoundError} when the store has no such image
 * @throws {UsageError} when a name is not one, or has a digest, which nobody can choose
 */
export async function tagStoredImage(name: string, targets: readonly string[]): Promise<void> {
  const names = targets.map(parseTarget);
  await prepareStore();
  const image = await resolveStoredImage(name);
  for (const target of names) {
    await tagImage(image, target);
    await recordImageEvent(image.id, target, 'tag');
  }
}

/**
 * Take names from an image; all of them when none is given.
 *
 * @throws {NotFoundError} when the store has no such image, or it has no such name
 */
export async function untagStoredImage(name: string, targets: readonly string[]): Promise<void> {
  const image = await resolveStoredImage(name);
  const names = targets.map(parseTarget);
  const stranger = names.find((target) => !image.names.includes(target));
  if (stranger !== undefined) {
    throw new UsageError(`"${stranger}" is not a name of the image "${name}": tag not known`, {
      remedy: image.names.length > 0 ? `Its names are: ${image.names.join(', ')}` : 'It has no names.',
    });
  }
  const gone = names.length > 0 ? names : image.names;
  await untagImage(image, gone);
  for (const target of gone) await recordImageEvent(image.id, target, 'untag');
}

function annotationsOf({ annotations = {} }: ImageManifest): Readonly<Record<string, string>> {
  return annotations;
}

/** A name that is given here, without a registry, is of this machine. */
function parseTarget(text: string): string {
  const reference = parseImageReference(text);
  if (reference.digest !== undefined) {
    throw new UsageError(`"${text}" has a digest, which is not for us to give`, { remedy: 'Leave out what follows @' });
  }
  return formatImageReference(qualifyReference(reference, 'localhost'));
}
