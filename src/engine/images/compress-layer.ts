/** Layers of the store in another compression, for where they go. */
import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { constants, createGzip, createZstdCompress } from 'node:zlib';
import { toDigest } from '../../model/digest.ts';
import { layerCompression, MEDIA_TYPES, type Descriptor, type LayerCompression } from '../../model/oci-image.ts';
import { blobPath } from '../../store/blobs.ts';
import { decompress } from '../../store/decompress.ts';
import { explainNoSpace } from '../../store/no-space.ts';

export interface CompressOptions {
  /** Of every layer; unless told, gzip for those that have none. */
  readonly compression?: LayerCompression | undefined;
  /** 1 to 9 for gzip, 1 to 22 for zstd; theirs unless told. */
  readonly level?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** A layer as it goes out: its file, and what a manifest says of it. */
export interface LayerFile {
  readonly path: string;
  readonly descriptor: Pick<Descriptor, 'mediaType' | 'digest' | 'size'>;
}

/** The compression that a layer has where it goes: its own or, where it has none, gzip, unless one is wanted for all. */
export function sentCompression(layer: Descriptor, wanted: LayerCompression | undefined): LayerCompression {
  const own = layerCompression(layer);
  return wanted ?? (own === 'none' ? 'gzip' : own);
}

/**
 * A layer of the store as it goes out: its own file, or one at a path, where it has to be compressed.
 *
 * @throws {TspodError} when it is damaged, or the disk is full
 */
export async function outgoingLayer(layer: Descriptor, path: string, options: CompressOptions): Promise<LayerFile> {
  const compression = sentCompression(layer, options.compression);
  if (compression === layerCompression(layer)) return { path: blobPath(layer.digest), descriptor: layer };
  try {
    return await compressLayer(layer, path, { ...options, compression });
  } catch (error) {
    throw explainNoSpace(error, `the compressed layer "${layer.digest}"`);
  }
}

async function compressLayer(
  { digest: stored }: Descriptor,
  path: string,
  { compression, level, signal }: CompressOptions & { readonly compression: LayerCompression },
): Promise<LayerFile> {
  const hash = createHash('sha256');
  let size = 0;
  const counted = async function* (source: AsyncIterable<Buffer>) {
    for await (const chunk of source) {
      hash.update(chunk);
      size += chunk.length;
      yield chunk;
    }
  };
  const source = decompress(createReadStream(blobPath(stored), { highWaterMark: 1 << 20 }));
  const options = signal === undefined ? {} : { signal };
  await pipeline(source, compressor(compression, level), counted, createWriteStream(path), options);
  const digest = toDigest('sha256', hash.digest('hex'));
  const mediaType = compression === 'zstd' ? MEDIA_TYPES.ociLayerZstd : MEDIA_TYPES.ociLayerGzip;
  return { path, descriptor: { mediaType, digest, size } };
}

function compressor(compression: LayerCompression, level: number | undefined) {
  if (compression === 'gzip') return createGzip(level === undefined ? {} : { level });
  return createZstdCompress(level === undefined ? {} : { params: { [constants.ZSTD_c_compressionLevel]: level } });
}
