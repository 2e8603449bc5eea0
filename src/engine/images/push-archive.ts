/** `push` to an archive or a directory instead of a registry: containers-transports(5). */
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { UsageError } from '../../errors.ts';
import { formatImageReference, normalizeImageReference } from '../../model/image-reference.ts';
import type { ArchiveSource } from '../../model/image-source.ts';
import type { TransferEvent } from '../../model/transfer-event.ts';
import { recordImageEvent } from '../../store/events.ts';
import { prepareStore } from './built-in-image.ts';
import type { CompressOptions } from './compress-layer.ts';
import { resolveStoredImage } from './find-image.ts';
import { writeArchive, type SaveFormat } from './save.ts';
import { sentFormats, type SentOptions } from './sent-manifest.ts';

export interface PushArchiveOptions extends SentOptions, Pick<CompressOptions, 'level'> {
  /** In a `dir:`, compress layers that are not; a layout has them compressed in any case, an archive of Docker's none. */
  readonly compress: boolean;
  readonly tell: (event: TransferEvent) => void;
}

const SAVE_FORMATS: Readonly<Record<ArchiveSource['transport'], SaveFormat>> = {
  'docker-archive': 'docker-archive',
  'oci-archive': 'oci-archive',
  oci: 'oci-dir',
  dir: 'docker-dir',
};

/**
 * Copy an image to an archive or a directory, with the name that the destination gives it, or none.
 *
 * @throws {NotFoundError} when the store has no such image
 * @throws {TspodError} when it cannot be written
 */
export async function pushToArchive(
  name: string,
  { transport, path, reference }: ArchiveSource,
  { format, compress, compression, level, tell }: PushArchiveOptions,
): Promise<void> {
  await prepareStore();
  const image = await resolveStoredImage(name);
  refuseMore(transport, path);
  const isCompressed = transport === 'dir' ? compress : transport !== 'docker-archive';
  const [manifest] = sentFormats(image, { format, compression: isCompressed ? compression : undefined });
  const names = reference === undefined ? [] : [transport === 'docker-archive' ? fullName(reference) : reference];
  await writeArchive([{ image, names }], {
    format: SAVE_FORMATS[transport],
    output: path,
    compress: isCompressed ? { compression, level } : undefined,
    manifest,
    tell,
  });
  await recordImageEvent(image.id, `${transport}:${path}`, 'push');
}

/** @throws {UsageError} when images are there that would be lost */
function refuseMore(transport: ArchiveSource['transport'], path: string): void {
  const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  if (transport === 'docker-archive' && size > 0) {
    throw new UsageError(`"${path}" is there already, and push adds to no archive`, {
      remedy: 'Name a new file, or save several images at once: tspod save --multi-image-archive --output FILE',
    });
  }
  if (transport === 'oci' && existsSync(join(path, 'index.json'))) {
    throw new UsageError(`"${path}" has images already, and push adds to no layout`, {
      remedy: 'Name a new directory.',
    });
  }
}

function fullName(reference: string): string {
  return formatImageReference(normalizeImageReference(reference));
}
