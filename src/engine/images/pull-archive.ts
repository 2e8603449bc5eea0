/** Pull an image out of an archive or a directory, as `docker-archive:FILE` and its like name one. */
import { statSync } from 'node:fs';
import { NotFoundError, TspodError, withRemedy } from '../../errors.ts';
import { formatImageReference, localImageName, normalizeImageReference } from '../../model/image-reference.ts';
import type { ArchiveSource } from '../../model/image-source.ts';
import type { TransferEvent } from '../../model/transfer-event.ts';
import { openArchive, type Archive } from '../../store/archive.ts';
import type { StoredImage } from '../../store/images.ts';
import { sweepStaging } from '../../store/staging.ts';
import { ARCHIVE_REMEDY, type ArchivedImage } from './archived-image.ts';
import { prepareStore } from './built-in-image.ts';
import { readDirectory } from './load-directory.ts';
import { readDockerArchive } from './load-docker.ts';
import { readOciLayout } from './load-oci.ts';
import { storeImage } from './load.ts';

/**
 * Put the one image that is meant into the store.
 *
 * @throws {NotFoundError} when it is not there
 * @throws {TspodError} when the file or directory is of another kind, or damaged
 */
export async function pullFromArchive(
  source: ArchiveSource,
  tell: (event: TransferEvent) => void,
): Promise<StoredImage> {
  await prepareStore();
  await sweepStaging();
  refuseOtherKind(source);
  await using archive = await withRemedy(ARCHIVE_REMEDY, async () => await openArchive(source.path));
  const images = await withRemedy(ARCHIVE_REMEDY, async () => await readImages(archive, source));
  const image = chooseImage(images, source);
  const stored = await storeImage(image, { tell, event: 'pull' });
  tell({ kind: 'stored', id: stored.id });
  return stored;
}

function refuseOtherKind({ transport, path }: ArchiveSource): void {
  const isDirectory = statSync(path, { throwIfNoEntry: false })?.isDirectory();
  const wantsDirectory = transport === 'oci' || transport === 'dir';
  if (isDirectory === undefined || isDirectory === wantsDirectory) return;
  throw new TspodError(`"${path}" is a ${isDirectory ? 'directory' : 'file'}, which ${transport} is not`, {
    remedy: isDirectory ? `Name it so: oci:${path}, or dir:${path}` : `Name it so: oci-archive:${path}`,
  });
}

async function readImages(archive: Archive, { transport }: ArchiveSource): Promise<ArchivedImage[]> {
  const isOci = transport === 'oci' || transport === 'oci-archive';
  const name = isOci ? 'index.json' : 'manifest.json';
  const file = archive.find(name);
  if (file === undefined) {
    throw new TspodError(`"${archive.what}" is not what ${transport} reads: it has no ${name}`, {
      remedy: `tspod load --input ${archive.what}`,
    });
  }
  if (isOci) return await readOciLayout(archive, file);
  return transport === 'dir' ? [await readDirectory(archive, file)] : await readDockerArchive(archive, file);
}

function chooseImage(images: readonly ArchivedImage[], source: ArchiveSource): ArchivedImage {
  const { transport, path, reference } = source;
  const [first, ...others] = images;
  const isOne = first !== undefined && others.length === 0;
  const found = reference === undefined ? (isOne ? first : undefined) : findReference(images, reference, source);
  if (found !== undefined) return transport === 'oci' ? { ...found, names: localName(path) } : found;
  const names = images.flatMap((image) => image.names);
  const remedy = names.length === 0 ? `tspod load --input ${path}` : `It has: ${names.join(', ')}`;
  if (reference !== undefined) throw new NotFoundError(`"${path}" has no image "${reference}"`, { remedy });
  throw new TspodError(`"${path}" has ${images.length} images, and one is to be named`, { remedy });
}

/** Docker's names are full ones; those of a layout may be tags alone, which are names here as `load` makes them. */
function findReference(
  images: readonly ArchivedImage[],
  reference: string,
  { transport }: ArchiveSource,
): ArchivedImage | undefined {
  const isDocker = transport === 'docker-archive';
  const number = isDocker ? /^@(\d+)$/.exec(reference)?.[1] : undefined;
  if (number !== undefined) return images[Number(number)];
  const wanted = isDocker ? formatImageReference(normalizeImageReference(reference)) : localImageName(reference);
  const found = images.find(({ names }) => names.includes(wanted));
  return found && { ...found, names: [wanted] };
}

/** The directory's own name, where that can be one of an image. */
function localName(path: string): string[] {
  try {
    return [localImageName(`localhost/${path.replace(/^[./]+/, '')}`)];
  } catch (error) {
    if (error instanceof TspodError) return [];
    throw error;
  }
}
