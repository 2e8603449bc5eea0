/** `import`: an image of one layer out of a tar archive of a root file system. */
import { createReadStream } from 'node:fs';
import { dirname } from 'node:path';
import { getSystemErrorMessage } from 'node:util';
import { NotFoundError, TspodError } from '../../errors.ts';
import type { ImageChange } from '../../model/image-change.ts';
import { localImageName } from '../../model/image-reference.ts';
import { isAddress } from '../../model/image-source.ts';
import type { Platform } from '../../model/platform.ts';
import { decompress } from '../../store/decompress.ts';
import { recordImageEvent } from '../../store/events.ts';
import type { StoredImage } from '../../store/images.ts';
import { commitLayers } from '../../store/layers.ts';
import { stageNewLayer } from '../../store/new-layer.ts';
import { sweepStaging } from '../../store/staging.ts';
import { prepareStore } from './built-in-image.ts';
import { download } from './download.ts';
import { makeImage, toImageLayer } from './make-image.ts';

export interface ImportOptions {
  /** A name for the image; without a tag, `latest`. */
  readonly name?: string | undefined;
  readonly changes: readonly ImageChange[];
  readonly message?: string | undefined;
  readonly platform: Platform;
}

/**
 * Make an image of a tar archive, compressed or not.
 *
 * @param source a file, an address, or `-` for standard input
 * @throws {TspodError} when it cannot be read, or is no tar archive
 */
export async function importImage(source: string, options: ImportOptions): Promise<StoredImage> {
  const name = options.name === undefined ? undefined : localImageName(options.name);
  const { os, architecture, variant } = options.platform;
  await prepareStore();
  await sweepStaging();
  await using layer = await readLayer(source);
  await commitLayers([layer]);
  const created = new Date().toISOString();
  const image = await makeImage({
    config: {
      created,
      architecture,
      os,
      ...(variant === undefined ? {} : { variant }),
      config: options.changes.reduce((settings, change) => change(settings), {}),
      history: [
        {
          created,
          created_by: `/bin/sh -c #(nop) ADD file:${layer.digest.replace('sha256:', '')} in / `,
          comment: options.message ?? 'imported from tarball',
        },
      ],
    },
    layers: [toImageLayer(layer)],
    ...(name === undefined ? {} : { name }),
  });
  await recordImageEvent(image.id, name ?? '', 'import');
  return image;
}

async function readLayer(source: string) {
  try {
    return await stageNewLayer(decompress(openSource(source)));
  } catch (error) {
    if (!(error instanceof TspodError) || error.message.includes(source)) throw error;
    throw new TspodError(`cannot import "${source === '-' ? 'standard input' : source}": ${error.message}`, {
      cause: error,
      remedy: error.remedy ?? 'tar -tf ARCHIVE',
    });
  }
}

function openSource(source: string): AsyncIterable<Buffer> {
  if (source === '-') return process.stdin;
  return isAddress(source) ? download(source) : readFileOf(source);
}

async function* readFileOf(path: string): AsyncGenerator<Buffer, void, undefined> {
  try {
    yield* createReadStream(path, { highWaterMark: 1 << 20 });
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === 'ENOENT') throw new NotFoundError(`no file "${path}"`, { cause, remedy: `ls -l ${dirname(path)}` });
    if (code === 'EACCES') throw new TspodError(`you may not read "${path}"`, { cause, remedy: `ls -l ${path}` });
    if (code === 'EISDIR') {
      throw new TspodError(`"${path}" is a directory, not a tar archive`, {
        cause,
        remedy: `tar --create --directory ${path} . | tspod import -`,
      });
    }
    const { errno } = cause as NodeJS.ErrnoException;
    if (errno === undefined) throw cause;
    throw new TspodError(`"${path}" cannot be read: ${getSystemErrorMessage(errno)}`, {
      cause,
      remedy: 'Name another file, or - for standard input.',
    });
  }
}
