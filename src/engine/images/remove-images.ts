/** Remove images: names first; content when the last name is gone and no container needs it. */
import { DamagedImageError, NotFoundError, TspodError } from '../../errors.ts';
import { digestHex, type Digest } from '../../model/digest.ts';
import { usedImages } from '../../model/used-images.ts';
import { collectGarbage } from '../../store/collect.ts';
import { listContainers } from '../../store/container-list.ts';
import type { Container } from '../../store/containers.ts';
import { recordFailedRemoval, recordImageEvent } from '../../store/events.ts';
import { takeName } from '../../store/image-index.ts';
import { dropImage, findImage, listDamagedImages, listImages, type StoredImage } from '../../store/images.ts';
import { resolveStoredImage } from './find-image.ts';
import { removeContainers } from '../remove.ts';

export interface RemoveImagesOptions {
  /** Containers that use it are removed, and an image with several names may be named by its id. */
  readonly force: boolean;
  /** An image that does not exist is no error. */
  readonly ignore: boolean;
}

export interface RemovedImage {
  readonly untagged: readonly string[];
  /** The id, when nothing of the image is left. */
  readonly deleted?: string;
  readonly error?: unknown;
}

/** Remove images by name or id, each for itself: an error of one is in its result. */
export async function removeImages(names: readonly string[], options: RemoveImagesOptions): Promise<RemovedImage[]> {
  const results: RemovedImage[] = [];
  for (const name of names) {
    results.push(
      await attempt(name, options, () =>
        untilDone(
          () => find(name, options),
          (image) => removeNamed(image, name, options),
        ),
      ),
    );
  }
  await collectGarbage();
  return results;
}

/**
 * Remove images, under all their names, that no container uses. One that is used, or has got another name, by the time
 * that it is its turn stays.
 */
export async function removeUnusedImages(images: readonly StoredImage[]): Promise<RemovedImage[]> {
  const results: RemovedImage[] = [];
  for (const image of images) {
    const remove = async () => (findUsers(image).length > 0 ? undefined : await drop(image)) ?? NOTHING;
    results.push(await attempt(image.id, { force: false }, remove));
  }
  await collectGarbage();
  return results;
}

/** Remove every image. */
export async function removeAllImages(options: RemoveImagesOptions): Promise<RemovedImage[]> {
  const results: RemovedImage[] = [];
  for (const image of listImages()) {
    const name = image.names[0] ?? digestHex(image.id);
    results.push(
      await attempt(name, options, () =>
        untilDone(
          () => findImage(image.id),
          (present) => removeWhole(present, options),
        ),
      ),
    );
  }
  if (options.force) for (const id of listDamagedImages()) results.push(await removeDamaged(id));
  await collectGarbage();
  return results;
}

const NOTHING: RemovedImage = { untagged: [] };

/** What is to be done depends on the names of an image: one that has got another meanwhile is looked at again. */
async function untilDone(
  find: () => Promise<StoredImage | undefined> | StoredImage | undefined,
  remove: (image: StoredImage) => Promise<RemovedImage | undefined>,
): Promise<RemovedImage> {
  for (;;) {
    const image = await find();
    const removed = image === undefined ? NOTHING : await remove(image);
    if (removed !== undefined) return removed;
  }
}

async function attempt(
  name: string,
  { force }: Pick<RemoveImagesOptions, 'force'>,
  remove: () => Promise<RemovedImage>,
): Promise<RemovedImage> {
  try {
    return await remove();
  } catch (error) {
    if (force && error instanceof DamagedImageError) return await removeDamaged(error.id as Digest);
    if (!(error instanceof NotFoundError)) {
      await recordFailedRemoval(name, error instanceof Error ? error.message : String(error));
    }
    return { untagged: [], error };
  }
}

/** Under all its names, whoever uses it: nobody can start anything from it. */
async function removeDamaged(id: Digest): Promise<RemovedImage> {
  await dropImage({ id });
  return { untagged: [], deleted: digestHex(id) };
}

async function find(name: string, { ignore, force }: RemoveImagesOptions): Promise<StoredImage | undefined> {
  try {
    return await resolveStoredImage(name);
  } catch (error) {
    if (!(error instanceof NotFoundError)) throw error;
    if (ignore || force) return undefined;
    throw new NotFoundError(`"${name}": image not known`, { cause: error, remedy: 'tspod images', exitCode: 1 });
  }
}

/**
 * The only name of an image stands for the image: Podman and Docker do so.
 *
 * @returns undefined when it has got or lost one meanwhile, and stays
 */
async function removeNamed(
  image: StoredImage,
  name: string,
  options: RemoveImagesOptions,
): Promise<RemovedImage | undefined> {
  if (image.names.length <= 1) return await removeWhole(image, options);
  if (image.foundAs !== undefined) {
    if (!(await takeName(image.id, image.foundAs))) return undefined;
    await recordImageEvent(image.id, image.foundAs, 'untag');
    return { untagged: [image.foundAs] };
  }
  if (!options.force) {
    throw new TspodError(
      `unable to delete image "${digestHex(image.id)}" by ID with more than one tag (${image.names.join(', ')}): please force removal`,
      { remedy: `tspod rmi --force ${name}` },
    );
  }
  return await removeWhole(image, options);
}

/** @returns undefined when it has got another name meanwhile, and stays */
async function removeWhole(image: StoredImage, { force }: RemoveImagesOptions): Promise<RemovedImage | undefined> {
  const users = findUsers(image);
  const [first] = users;
  if (first !== undefined) {
    if (!force) throw inUse(image, first);
    const results = await removeContainers(users, { force: true, volumes: true });
    const failed = results.find(({ error }) => error !== undefined);
    if (failed !== undefined) throw stillUsed(image, failed.error);
  }
  return await drop(image);
}

async function drop(image: StoredImage): Promise<RemovedImage | undefined> {
  if (!(await dropImage(image))) return undefined;
  for (const name of image.names) await recordImageEvent(image.id, name, 'untag');
  await recordImageEvent(image.id, image.names[0] ?? digestHex(image.id), 'remove');
  return { untagged: image.names, deleted: digestHex(image.id) };
}

function findUsers({ id }: StoredImage): Container[] {
  return listContainers().filter(({ config }) => usedImages(config).some((image) => image.id === id));
}

function stillUsed({ id }: StoredImage, cause: unknown): TspodError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new TspodError(`cannot remove a container of the image "${id}": ${reason}`, {
    cause,
    exitCode: 2,
    remedy: cause instanceof TspodError ? cause.remedy : undefined,
  });
}

function inUse({ id, names: [name] }: StoredImage, { config }: Container): TspodError {
  return new TspodError(
    `image used by ${config.id}: image is in use by a container: consider listing external containers and force-removing image`,
    { exitCode: 2, remedy: `tspod rmi --force ${name ?? digestHex(id)}` },
  );
}
