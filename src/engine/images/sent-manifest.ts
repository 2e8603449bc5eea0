/** The manifest under which an image leaves the store. */
import { MEDIA_TYPES } from '../../model/oci-image.ts';
import { readBlob } from '../../store/blobs.ts';
import type { StoredImage } from '../../store/images.ts';
import { writeManifest, type ImageLayer, type ManifestFormat } from './make-image.ts';

/** The format that an image is stored in. */
export function ownFormat({ manifest }: StoredImage): ManifestFormat {
  return manifest.mediaType === MEDIA_TYPES.dockerManifest ? 'docker' : 'oci';
}

/** The image's own manifest, digest and all, where that describes what is sent; else a new one. */
export function sentManifest(
  image: StoredImage,
  layers: readonly ImageLayer['descriptor'][],
  format: ManifestFormat,
): Buffer {
  const { layers: own, mediaType, annotations } = image.manifest;
  const isSame = layers.every(({ digest }, position) => digest === own[position]?.digest);
  // One that does not say what it is has the layer types of either.
  if (isSame && mediaType !== undefined && format === ownFormat(image)) return readBlob(image.digest);
  return writeManifest({ format, config: readBlob(image.id), layers, annotations });
}
