/** `push`: an image of the store on its way to a registry, several layers at once. */
import { createReadStream } from 'node:fs';
import { TspodError } from '../../errors.ts';
import { digestOf } from '../../host/digest.ts';
import { digestHex, type Digest } from '../../model/digest.ts';
import { formatImageReference, type QualifiedReference } from '../../model/image-reference.ts';
import { MEDIA_TYPES } from '../../model/oci-image.ts';
import type { TransferEvent } from '../../model/transfer-event.ts';
import { findEndpoints } from '../../registry/endpoints.ts';
import { ManifestRefusedError, PushClient, type BlobSource } from '../../registry/push-client.ts';
import { readRegistriesConf } from '../../registry/registries-conf.ts';
import { explainDamage, readBlob } from '../../store/blobs.ts';
import { recordImageEvent } from '../../store/events.ts';
import type { StoredImage } from '../../store/images.ts';
import { openStaging, sweepStaging } from '../../store/staging.ts';
import { prepareStore } from './built-in-image.ts';
import { outgoingLayer, type LayerFile } from './compress-layer.ts';
import { resolveStoredImage } from './find-image.ts';
import { holdImage } from './hold-image.ts';
import { forEachLayer } from './layers-at-once.ts';
import type { ManifestFormat } from './make-image.ts';
import { checkDigest, findElsewhere, findTarget } from './push-target.ts';
import { registryOptions, type RegistryAccess } from './registry-access.ts';
import { sentFormats, sentManifest, type SentOptions } from './sent-manifest.ts';

export interface PushOptions extends RegistryAccess, SentOptions {
  /** 1 to 9 for gzip, 1 to 22 for zstd; theirs unless told. */
  readonly level?: number | undefined;
  readonly tell: (event: TransferEvent) => void;
}

const LAYERS_AT_ONCE = 4;

/**
 * Copy an image to a registry; gives the digest that it has there.
 *
 * @param destination a name, which the image need not have here; the one that it was found by without
 * @throws {NotFoundError} when the store has no such image
 * @throws {TspodError} when the registry cannot be used, or does not take it
 */
export async function pushImage(name: string, destination: string | undefined, options: PushOptions): Promise<Digest> {
  await prepareStore();
  const image = await resolveStoredImage(name);
  const target = findTarget(image, destination, name);
  const formats = sentFormats(image, options);
  const conf = await readRegistriesConf();
  const endpoint = findEndpoints(target, conf).at(-1);
  if (endpoint === undefined) throw new TspodError(`there is no registry for "${formatImageReference(target)}"`);
  await sweepStaging();
  using held = new DisposableStack();
  await holdImage(image, held);
  const elsewhere = findElsewhere(image, endpoint, conf);
  const stop = new AbortController();
  await using client = await PushClient.connect(endpoint, {
    ...registryOptions(conf, options),
    alsoReads: [...new Set(elsewhere.values())],
    signal: stop.signal,
  });
  const layers = await pushLayers(image, client, { ...options, stop, elsewhere });
  await client.pushBlob(memoryBlob(readBlob(image.id)));
  options.tell({ kind: 'config', digest: image.id });
  const digest = await pushManifest(image, client, { ...options, layers, target, formats });
  await recordImageEvent(image.id, formatImageReference(target), 'push');
  return digest;
}

interface LayerOptions extends Pick<PushOptions, 'compression' | 'level' | 'tell'> {
  readonly stop: AbortController;
  /** Repositories of the registry by the layers that they have. */
  readonly elsewhere: ReadonlyMap<Digest, string>;
}

/** What the manifest is to say of the layers, lowest first. */
async function pushLayers(
  { manifest }: StoredImage,
  client: PushClient,
  { stop, elsewhere, tell, ...options }: LayerOptions,
): Promise<LayerFile['descriptor'][]> {
  const unique = [...new Map(manifest.layers.map((layer) => [layer.digest, layer])).values()];
  tell({ kind: 'layers', layers: unique });
  await using staging = await openStaging();
  const sent = new Map<Digest, LayerFile['descriptor']>();
  await forEachLayer(unique, { atOnce: LAYERS_AT_ONCE, stop }, async (layer) => {
    const { path, descriptor } = await outgoingLayer(layer, staging.file(digestHex(layer.digest)), {
      ...options,
      signal: stop.signal,
    });
    const share = layer.size / Math.max(descriptor.size, 1);
    const report = (bytes: number) => tell({ kind: 'copied', digest: layer.digest, bytes: Math.round(bytes * share) });
    const isSent = await client.pushBlob(fileBlob(path, descriptor, report), elsewhere.get(descriptor.digest));
    sent.set(layer.digest, descriptor);
    tell({ kind: 'layer-done', digest: layer.digest, present: !isSent });
  });
  return manifest.layers.map((layer) => sent.get(layer.digest) ?? layer);
}

interface ManifestOptions extends Pick<PushOptions, 'tell'> {
  /** Those that the registry is offered, one after the other. */
  readonly formats: readonly [ManifestFormat, ManifestFormat?];
  readonly layers: readonly LayerFile['descriptor'][];
  readonly target: QualifiedReference;
}

async function pushManifest(image: StoredImage, client: PushClient, options: ManifestOptions): Promise<Digest> {
  const {
    layers,
    target,
    formats: [format, other],
    tell,
  } = options;
  tell({ kind: 'manifest' });
  const put = async (chosen: ManifestFormat): Promise<Digest> => {
    const bytes = sentManifest(image, layers, chosen);
    const digest = digestOf(bytes);
    checkDigest(target, digest);
    const mediaType = chosen === 'oci' ? MEDIA_TYPES.ociManifest : MEDIA_TYPES.dockerManifest;
    await client.pushManifest(target.tag ?? digest, bytes, { mediaType, digest });
    return digest;
  };
  try {
    return await put(format);
  } catch (error) {
    if (!(error instanceof ManifestRefusedError) || other === undefined) throw error;
    return await put(other);
  }
}

function fileBlob(
  path: string,
  { digest, size }: LayerFile['descriptor'],
  report: (bytes: number) => void,
): BlobSource {
  return {
    digest,
    size,
    open: async function* () {
      let bytes = 0;
      for await (const chunk of createReadStream(path, { highWaterMark: 1 << 18 }) as AsyncIterable<Buffer>) {
        if (bytes + chunk.length > size) throw explainDamage(digest);
        yield chunk;
        bytes += chunk.length;
        report(bytes);
      }
      if (bytes < size) throw explainDamage(digest); // Else the registry would wait for the rest.
    },
  };
}

function memoryBlob(bytes: Buffer): BlobSource {
  return { digest: digestOf(bytes), size: bytes.length, open: () => [bytes] };
}
