/** Images that are on their way out of the store. */
import { blobPath, explainGone } from '../../store/blobs.ts';
import { pinLayerRecord } from '../../store/layers.ts';
import type { StoredImage } from '../../store/images.ts';
import { pin } from '../../store/pin.ts';

/**
 * Keep all that an image is sent from, whoever removes it meanwhile.
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
