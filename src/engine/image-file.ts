/** A look at a text file of an image, without mounting it. */
import { lstatSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { ContainerConfig } from '../model/container-config.ts';
import { layerPath } from '../store/layers.ts';

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
    if (lstatSync(file, { throwIfNoEntry: false })?.isFile()) return readFileSync(file, 'utf8');
  }
  return '';
}
