/** Images that are made here: of layers in the store, and a config that describes them. */
import { digestOf } from '../../host/digest.ts';
import type { Digest } from '../../model/digest.ts';
import { layerCompression, MEDIA_TYPES, pairLayers, type Descriptor, type ImageConfig } from '../../model/oci-image.ts';
import { addImage, type StoredImage } from '../../store/images.ts';
import type { NewLayer } from '../../store/new-layer.ts';

/** A layer as a manifest and a config name it. */
export interface ImageLayer {
  readonly diffId: Digest;
  readonly descriptor: Pick<Descriptor, 'mediaType' | 'digest' | 'size'>;
}

export interface ImageDraft {
  /** Its `rootfs` is made of the layers. */
  readonly config: Omit<ImageConfig, 'rootfs'>;
  /** Lowest first; whoever makes the image holds them in the store meanwhile. */
  readonly layers: readonly ImageLayer[];
  /** `oci` unless told. */
  readonly format?: ManifestFormat;
  readonly annotations?: Readonly<Record<string, string>>;
  /** A full reference. */
  readonly name?: string;
}

/** The layers of an image that is in the store, for one that is made on top of it. */
export function layersOfImage({ manifest, layers }: StoredImage): ImageLayer[] {
  return pairLayers(layers, manifest).map(({ diffId, layer: descriptor }) => ({ diffId, descriptor }));
}

/** A layer that was just stored, as the manifest of an image describes it. */
export function toImageLayer({ digest, size }: NewLayer): ImageLayer {
  return { diffId: digest, descriptor: { mediaType: MEDIA_TYPES.ociLayer, digest, size } };
}

/** Write the documents of a new image, and give it its name, which another image loses. */
export async function makeImage(draft: ImageDraft): Promise<StoredImage> {
  const { layers, format = 'oci', annotations, name } = draft;
  const rootfs = { type: 'layers', diff_ids: layers.map(({ diffId }) => diffId) };
  const config = Buffer.from(JSON.stringify({ ...draft.config, rootfs }));
  const manifest = writeManifest({ format, config, layers: layers.map(({ descriptor }) => descriptor), annotations });
  return await addImage({
    manifest,
    config,
    ...(name === undefined ? {} : { name }),
  });
}

export type ManifestFormat = keyof typeof FORMATS;

/** The manifest of a config and its layers, with the media types of the format. */
export function writeManifest({
  format,
  config,
  layers,
  annotations,
}: {
  readonly format: ManifestFormat;
  readonly config: Buffer;
  readonly layers: readonly ImageLayer['descriptor'][];
  readonly annotations?: Readonly<Record<string, string>> | undefined;
}): Buffer {
  const types = FORMATS[format];
  const manifest = {
    schemaVersion: 2,
    mediaType: types.manifest,
    config: { mediaType: types.config, digest: digestOf(config), size: config.length },
    layers: layers.map(({ mediaType, digest, size }) => ({
      mediaType: types[layerCompression({ mediaType })],
      digest,
      size,
    })),
    ...(annotations === undefined || format === 'docker' ? {} : { annotations }),
  };
  return Buffer.from(JSON.stringify(manifest));
}

const FORMATS = {
  oci: {
    manifest: MEDIA_TYPES.ociManifest,
    config: MEDIA_TYPES.ociConfig,
    gzip: MEDIA_TYPES.ociLayerGzip,
    zstd: MEDIA_TYPES.ociLayerZstd,
    none: MEDIA_TYPES.ociLayer,
  },
  docker: {
    manifest: MEDIA_TYPES.dockerManifest,
    config: MEDIA_TYPES.dockerConfig,
    gzip: MEDIA_TYPES.dockerLayerGzip,
    zstd: MEDIA_TYPES.dockerLayerZstd,
    none: MEDIA_TYPES.dockerLayer,
  },
} as const;
