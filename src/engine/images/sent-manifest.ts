/** The manifest under which an image leaves the store. */
import { UsageError } from '../../errors.ts';
import { MEDIA_TYPES, type LayerCompression } from '../../model/oci-image.ts';
import { readBlob } from '../../store/blobs.ts';
import type { StoredImage } from '../../store/images.ts';
import { sentCompression } from './compress-layer.ts';
import { writeManifest, type ImageLayer, type ManifestFormat } from './make-image.ts';

/**
 * The formats that a manifest may have where the image goes, the best first.
 *
 * @throws {UsageError} when there are none
 */
export function sentFormats(
  image: StoredImage,
  { format, compression }: SentOptions,
): readonly [ManifestFormat, ManifestFormat?] {
  if (image.manifest.layers.some((layer) => sentCompression(layer, compression) === 'zstd')) {
    if (format !== 'docker') return ['oci'];
    throw new UsageError("Docker's format has no layers in zstd", {
      remedy: 'Have them compressed again, or choose the other format: --compression-format gzip, or --format oci',
    });
  }
  if (format !== undefined) return [format];
  return image.manifest.mediaType === MEDIA_TYPES.dockerManifest ? ['docker', 'oci'] : ['oci', 'docker'];
}

export interface SentOptions {
  /** The image's own unless told; and where that is refused, the other. */
  readonly format?: ManifestFormat | undefined;
  /** Of every layer; unless told, gzip for those that have none. */
  readonly compression?: LayerCompression | undefined;
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
  const isOwn = mediaType === (format === 'oci' ? MEDIA_TYPES.ociManifest : MEDIA_TYPES.dockerManifest);
  if (isSame && isOwn) return readBlob(image.digest);
  return writeManifest({ format, config: readBlob(image.id), layers, annotations });
}
