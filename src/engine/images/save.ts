/** `save`: images of the store as archives that Docker, Podman and Skopeo read. */
import { statSync, write } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { NotFoundError, UsageError } from '../../errors.ts';
import { explainWrite, writeWhole } from '../../host/whole-file.ts';
import { localImageName } from '../../model/image-reference.ts';
import type { TransferEvent } from '../../model/transfer-event.ts';
import { recordImageEvent } from '../../store/events.ts';
import { openStaging } from '../../store/staging.ts';
import { writeDirectory, writeTar, type ArchiveMembers } from '../../store/tar-writer.ts';
import type { StoredImage } from '../../store/images.ts';
import { prepareStore } from './built-in-image.ts';
import { resolveStoredImage } from './find-image.ts';
import type { CompressOptions } from './compress-layer.ts';
import { holdImage } from './hold-image.ts';
import type { ManifestFormat } from './make-image.ts';
import { dockerArchiveMembers } from './save-docker.ts';
import { directoryMembers, ociMembers } from './save-layout.ts';

export type SaveFormat = 'docker-archive' | 'oci-archive' | 'oci-dir' | 'docker-dir';

export interface SaveOptions {
  readonly format: SaveFormat;
  /** A file or, for the formats that are one, a directory; standard output without it. */
  readonly output?: string | undefined;
  /** Every name is an image; else all but the first are more names for the first. */
  readonly several: boolean;
  /** Compress layers that are not; undefined leaves all as they are. */
  readonly compress: Pick<CompressOptions, 'compression' | 'level'> | undefined;
  /** Of the manifest in a `docker-dir`: `docker` unless told. */
  readonly manifest?: ManifestFormat | undefined;
  readonly tell: (event: TransferEvent) => void;
}

/** An image on its way out, with the names that the archive gives it. */
export interface SavedImage {
  readonly image: StoredImage;
  readonly names: readonly string[];
}

/**
 * Write images into an archive.
 *
 * @throws {NotFoundError} when the store has no such image
 * @throws {TspodError} when the archive cannot be written; a file that was there before is there still
 */
export async function saveImages(names: readonly string[], options: SaveOptions): Promise<void> {
  const { format, output, several } = options;
  if (several && format !== 'docker-archive') {
    throw new UsageError(`unsupported format "${format}" for saving multiple images (only docker-archive)`, {
      remedy: 'Leave out --format, or save one image.',
    });
  }
  await prepareStore();
  const images = several ? await findEach(names) : [await findWithNames(names)];
  await writeArchive(images, options);
  for (const { image } of images) await recordImageEvent(image.id, output ?? '', 'save');
}

/**
 * Write images of the store into an archive, as `push` does, too.
 *
 * @throws {TspodError} when the archive cannot be written; a file that was there before is there still
 */
export async function writeArchive(
  images: readonly SavedImage[],
  options: Omit<SaveOptions, 'several'>,
): Promise<void> {
  const { format, output } = options;
  using held = new DisposableStack();
  for (const { image } of images) await holdImage(image, held);
  await using staging = await openStaging();
  const members = membersOf(images, { ...options, temporary: (name) => staging.file(name) });
  if (format === 'oci-dir' || format === 'docker-dir') await saveDirectory(members, format, output);
  else await saveFile(members, output);
}

export interface MemberOptions extends Pick<SaveOptions, 'compress' | 'tell'> {
  /** A path for a file that is needed meanwhile. */
  readonly temporary: (name: string) => string;
}

function membersOf(
  images: readonly SavedImage[],
  options: MemberOptions & Pick<SaveOptions, 'format' | 'manifest'>,
): ArchiveMembers {
  if (options.format === 'docker-archive') return dockerArchiveMembers(images, options);
  const [first] = images;
  if (first === undefined) throw new UsageError('there is no image to save');
  return options.format === 'docker-dir' ? directoryMembers(first, options) : ociMembers(first, options);
}

/** One image; the other names are names that it has in the archive alone. */
async function findWithNames([name = '', ...others]: readonly string[]): Promise<SavedImage> {
  const image = await find(name);
  const more = others.map(localImageName);
  return { image, names: [...tagsOf(image), ...more] };
}

/** Images by their names; one that is named twice has both names. */
async function findEach(names: readonly string[]): Promise<SavedImage[]> {
  const images = new Map<string, SavedImage>();
  for (const name of names) {
    const image = await find(name);
    const before = images.get(image.id)?.names ?? [];
    images.set(image.id, { image, names: [...new Set([...before, ...tagsOf(image)])] });
  }
  return [...images.values()];
}

async function find(name: string): Promise<StoredImage> {
  try {
    return await resolveStoredImage(name);
  } catch (cause) {
    if (!(cause instanceof NotFoundError)) throw cause;
    throw new NotFoundError(`"${name}": image not known`, { cause, remedy: `tspod pull ${name}` });
  }
}

/** The name that it was found by; what was found by its id, or by a digest, has none in the archive. */
function tagsOf({ foundAs }: StoredImage): string[] {
  return foundAs === undefined || foundAs.includes('@') ? [] : [foundAs];
}

async function saveDirectory(members: ArchiveMembers, format: SaveFormat, output: string | undefined): Promise<void> {
  if (output === undefined) {
    throw new UsageError(`the format "${format}" is a directory, which standard output cannot be`, {
      remedy: 'Name the directory: --output DIR',
    });
  }
  if (statSync(output, { throwIfNoEntry: false })?.isDirectory() === false) {
    throw new UsageError(`"${output}" is a file, and the format "${format}" a directory`, {
      remedy: 'Name a directory that is empty, or not there yet.',
    });
  }
  try {
    await writeDirectory(members, output);
  } catch (error) {
    throw explainWrite(error, output);
  }
}

async function saveFile(members: ArchiveMembers, output: string | undefined): Promise<void> {
  if (output !== undefined) {
    await writeWhole(output, async (file) => writeTo(file, writeTar(members)));
    return;
  }
  try {
    await pipeline(writeTar(members), process.stdout);
  } catch (error) {
    throw explainWrite(error, output);
  }
}

/** A stream would close the descriptor, which is not ours. */
async function writeTo(file: number, chunks: AsyncIterable<Buffer>): Promise<void> {
  for await (const chunk of chunks) {
    for (let at = 0; at < chunk.length;) at += (await writeChunk(file, chunk, at)).bytesWritten;
  }
}

const writeChunk = promisify(write);
