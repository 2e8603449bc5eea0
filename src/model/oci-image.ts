/**
 * Images as they are stored and sent: index, manifest and config, in the field names of the OCI image
 * specification, from OCI and from Docker schema 2 documents. What we cannot run is refused here,
 * with the reason.
 *
 * @see https://github.com/opencontainers/image-spec/blob/main/spec.md
 * @see https://distribution.github.io/distribution/spec/manifest-v2-2/
 */
import { NotFoundError, TspodError } from '../errors.ts';
import {
  boolean,
  count,
  decode,
  list,
  map,
  object,
  optional,
  parsed,
  present,
  string,
  type Decoded,
} from './decode.ts';
import { parseDigest, type Digest } from './digest.ts';
import { imageSettingsSchema } from './image-settings.ts';
import { choosePlatform, formatPlatform, type Platform } from './platform.ts';

export const MEDIA_TYPES = {
  ociIndex: 'application/vnd.oci.image.index.v1+json',
  ociManifest: 'application/vnd.oci.image.manifest.v1+json',
  ociConfig: 'application/vnd.oci.image.config.v1+json',
  ociLayer: 'application/vnd.oci.image.layer.v1.tar',
  ociLayerGzip: 'application/vnd.oci.image.layer.v1.tar+gzip',
  ociLayerZstd: 'application/vnd.oci.image.layer.v1.tar+zstd',
  dockerIndex: 'application/vnd.docker.distribution.manifest.list.v2+json',
  dockerManifest: 'application/vnd.docker.distribution.manifest.v2+json',
  dockerConfig: 'application/vnd.docker.container.image.v1+json',
  dockerLayer: 'application/vnd.docker.image.rootfs.diff.tar',
  dockerLayerGzip: 'application/vnd.docker.image.rootfs.diff.tar.gzip',
  dockerLayerZstd: 'application/vnd.docker.image.rootfs.diff.tar.zstd',
} as const;

/** The annotation of an OCI layout's index.json that carries the name of an image. */
export const REF_NAME = 'org.opencontainers.image.ref.name';

export type Descriptor = Decoded<typeof descriptorSchema>;
export type ImageIndex = Decoded<typeof indexSchema>;
export type ImageManifest = Decoded<typeof manifestSchema>;
export type ImageConfig = Decoded<typeof configSchema>;

export type LayerCompression = 'gzip' | 'zstd';

/** What a registry or a layout answers where an image is asked for. */
export type ManifestDocument =
  | { readonly kind: 'index'; readonly index: ImageIndex }
  | { readonly kind: 'manifest'; readonly manifest: ImageManifest };

/**
 * Read an index or a manifest.
 *
 * @param what names it in the message: `docker.io/library/alpine:latest`
 * @param mediaType the Content-Type or the descriptor's media type, where there is one
 * @throws {TspodError} when it is malformed, ambiguous, or of a kind that is not a container image
 */
export function decodeManifest(text: string, what: string, mediaType?: string): ManifestDocument {
  const head = decode(headSchema, text, what);
  const type = head.mediaType ?? mediaType;
  if (head.schemaVersion === 1) {
    throw new TspodError(`"${what}" is an image in Docker's manifest schema 1, which tspod does not read`, {
      remedy: 'Push it again with a present-day client; schema 1 was given up in 2019.',
    });
  }
  // Two parsers must not see two images in one document: CVE-2021-41190.
  if (head.manifests !== undefined && (head.layers !== undefined || head.config !== undefined)) {
    throw new TspodError(`"${what}" is malformed: it is an index and a manifest at once`);
  }
  if (mediaType !== undefined && isIndexType(mediaType) && head.manifests === undefined) {
    throw new TspodError(`"${what}" is malformed: it is announced as an index and is none`);
  }
  if (head.manifests !== undefined) {
    if (type !== undefined && isManifestType(type)) {
      throw new TspodError(`"${what}" is malformed: it is announced as a manifest and is an index`);
    }
    return { kind: 'index', index: decode(indexSchema, text, what) };
  }
  if (type !== undefined && !isManifestType(type) && isForeignType(type)) {
    throw new TspodError(`"${what}" is not a container image: its media type is "${type}"`, {
      remedy: NO_IMAGE_REMEDY,
    });
  }
  return { kind: 'manifest', manifest: checkManifest(decode(manifestSchema, text, what), what) };
}

/**
 * Read an image config and check that it fits its manifest.
 *
 * @throws {TspodError} when it is malformed, or has another number of layers than the manifest
 */
export function decodeConfig(text: string, what: string, manifest?: ImageManifest): ImageConfig {
  const config = decode(configSchema, text, what);
  const diffIds = config.rootfs.diff_ids.length;
  if (manifest !== undefined && manifest.layers.length !== diffIds) {
    throw new TspodError(
      `"${what}" is malformed: its manifest has ${manifest.layers.length} layers and its config has ${diffIds}`,
    );
  }
  return config;
}

/**
 * The entry of an index that runs on a platform.
 *
 * @throws {NotFoundError} with the platforms there are
 */
export function selectManifest(index: ImageIndex, wanted: Platform, what: string): Descriptor {
  const images = index.manifests.filter(({ mediaType }) => isManifestType(mediaType) || isIndexType(mediaType));
  const platforms = images.map(({ platform }) => platform);
  const chosen = images[choosePlatform(platforms, wanted) ?? -1];
  if (chosen !== undefined) return chosen;
  const known = images.flatMap(({ platform }) => (platform === undefined ? [] : [formatPlatform(platform)]));
  const there = [...new Set(known)].filter((name) => name !== 'unknown/unknown');
  throw new NotFoundError(`"${what}" has no image for "${formatPlatform(wanted)}"`, {
    remedy: there.length > 0 ? `It is there for: ${there.join(', ')}` : 'Its index is empty.',
  });
}

/** The layers of an image with their diff ids, lowest first. */
export function pairLayers(
  diffIds: readonly Digest[],
  { layers }: Pick<ImageManifest, 'layers'>,
): { readonly diffId: Digest; readonly layer: Descriptor }[] {
  return diffIds.flatMap((diffId, position) => {
    const layer = layers[position];
    return layer === undefined ? [] : [{ diffId, layer }];
  });
}

/** The compression of a layer, by its media type. */
export function layerCompression({ mediaType }: Pick<Descriptor, 'mediaType'>): LayerCompression | 'none' {
  if (mediaType.endsWith('gzip')) return 'gzip';
  return mediaType.endsWith('zstd') ? 'zstd' : 'none';
}

function isIndexType(mediaType: string): boolean {
  return mediaType === MEDIA_TYPES.ociIndex || mediaType === MEDIA_TYPES.dockerIndex;
}

function isManifestType(mediaType: string): boolean {
  return mediaType === MEDIA_TYPES.ociManifest || mediaType === MEDIA_TYPES.dockerManifest;
}

const digestSchema = parsed(parseDigest);

const platformSchema = object({
  os: string,
  architecture: string,
  variant: optional(string),
});

const descriptorSchema = object({
  mediaType: string,
  digest: digestSchema,
  size: count,
  urls: optional(list(string)),
  annotations: optional(map(string)),
  platform: optional(platformSchema),
});

const headSchema = object({
  schemaVersion: optional(count),
  mediaType: optional(string),
  manifests: optional(present),
  layers: optional(present),
  config: optional(present),
});

const indexSchema = object({
  mediaType: optional(string),
  manifests: list(descriptorSchema),
  annotations: optional(map(string)),
});

const manifestSchema = object({
  mediaType: optional(string),
  config: descriptorSchema,
  layers: list(descriptorSchema),
  annotations: optional(map(string)),
});

const historySchema = object({
  created: optional(string),
  created_by: optional(string),
  author: optional(string),
  comment: optional(string),
  empty_layer: optional(boolean),
});

const configSchema = object({
  created: optional(string),
  author: optional(string),
  architecture: string,
  os: string,
  variant: optional(string),
  config: optional(imageSettingsSchema),
  rootfs: object({ type: string, diff_ids: list(digestSchema) }),
  history: optional(list(historySchema)),
});

const LAYER_TYPES: ReadonlySet<string> = new Set([
  MEDIA_TYPES.ociLayer,
  MEDIA_TYPES.ociLayerGzip,
  MEDIA_TYPES.ociLayerZstd,
  MEDIA_TYPES.dockerLayer,
  MEDIA_TYPES.dockerLayerGzip,
  MEDIA_TYPES.dockerLayerZstd,
]);

const NO_IMAGE_REMEDY = 'It is something else, a chart or a signature say: get it with the program that made it.';

/** A type that says it is something else than JSON of an unknown kind: some registries answer that for images. */
function isForeignType(mediaType: string): boolean {
  return !['application/json', 'text/plain', 'application/octet-stream'].includes(mediaType);
}

function checkManifest(manifest: ImageManifest, what: string): ImageManifest {
  const { mediaType } = manifest.config;
  if (mediaType !== MEDIA_TYPES.ociConfig && mediaType !== MEDIA_TYPES.dockerConfig) {
    throw new TspodError(`"${what}" is not a container image: its config is of type "${mediaType}"`, {
      remedy: NO_IMAGE_REMEDY,
    });
  }
  for (const layer of manifest.layers) {
    if (LAYER_TYPES.has(layer.mediaType)) continue;
    if (/foreign|nondistributable/.test(layer.mediaType)) {
      throw new TspodError(`"${what}" has a layer that its registry does not distribute ("${layer.mediaType}")`, {
        remedy: 'Such layers belong to Windows images; choose another one with --platform.',
      });
    }
    if (layer.mediaType.endsWith('+encrypted')) {
      throw new TspodError(`"${what}" has an encrypted layer ("${layer.mediaType}"), which tspod cannot read`, {
        remedy: 'Copy it decrypted: skopeo copy --decryption-key KEY ...',
      });
    }
    throw new TspodError(`"${what}" has a layer of the unknown type "${layer.mediaType}"`, {
      remedy: 'Have it made with layers of tar, gzip or zstd.',
    });
  }
  return manifest;
}
