/** Images that somebody relies on: sends them, compares them, makes others on top of them. */
import { TspodError } from '../../errors.ts';
import { blobPath, explainGone } from '../../store/blobs.ts';
import { pinLayerRecord } from '../../store/layers.ts';
import type { StoredImage } from '../../store/images.ts';
import { pin } from '../../store/pin.ts';

/**
 * Keep all that an image is made of, whoever removes it meanwhile.
 *
 * @throws {TspodError} when a part of it is gone already
 */
export async function holdImage({ id, digest, manifest, layers }: StoredImage, held: DisposableStack): Promise<void> {
  for (const blob of [digest, id, ...manifest.layers.map((layer) => layer.digest)]) {
    const pinned = await pin(blobPath(blob));
    if (pinned === undefined) throw explainGone(blob);
    held.use(pinned);
  }
  for (const diffId of layers) held.use(await pinLayerRecord(diffId)); // It has the size of the layer in an archive.
}

/**
 * Keep the unpacked layers of an image, whoever removes it meanwhile.
 *
 * @throws {TspodError} when one of them is gone already
 */
export async function holdLayers({ id, layers }: StoredImage, held: DisposableStack): Promise<void> {
  for (const diffId of layers) {
    const pinned = await pinLayerRecord(diffId);
    if (pinned === undefined) {
      throw new TspodError(`the layer "${diffId}" of the image "${id}" is gone from the store`, {
        remedy: 'Another command may have removed the image just now: tspod images',
      });
    }
    held.use(pinned);
  }
}
