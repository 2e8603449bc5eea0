/** A look at a text file of an image, without mounting it. */
import { closeSync, constants, lstatSync, openSync, readSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { ContainerConfig } from '../../model/container-config.ts';
import { layerPath } from '../../store/layers.ts';

/**
 * What a file below /etc of the image holds, nothing when it is not there. Links are not followed: an image's would lead
 * to files of the host.
 */
export function readImageFile(root: ContainerConfig['root'], path: `/etc/${string}`): string {
  const layers = 'image' in root ? root.image.layers.map(layerPath).reverse() : [root.rootfs.path];
  for (const layer of layers) {
    const folder = join(layer, dirname(path));
    if (lstatSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true) continue;
    const file = join(folder, basename(path));
    if (lstatSync(file, { throwIfNoEntry: false })?.isFile()) return readBeginning(file);
  }
  return '';
}

/** As much as native/lib/accounts.c reads, in bytes: an image may have a file there that has no end. */
const MAX_BYTES = 8 << 20;

function readBeginning(path: string): string {
  const file = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    const buffer = Buffer.alloc(MAX_BYTES);
    return buffer.toString('utf8', 0, readSync(file, buffer, 0, MAX_BYTES, 0));
  } finally {
    closeSync(file);
  }
}
