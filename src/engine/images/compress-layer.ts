/** Layers of the store in another compression, for where they go. */
import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { constants, createGzip, createZstdCompress } from 'node:zlib';
import { toDigest } from '../../model/digest.ts';
import { MEDIA_TYPES, type Descriptor, type LayerCompression } from '../../model/oci-image.ts';
import { blobPath } from '../../store/blobs.ts';
import { decompress } from '../../store/decompress.ts';

export interface CompressOptions {
  readonly compression: LayerCompression;
  /** 1 to 9 for gzip, 1 to 22 for zstd; theirs unless told. */
  readonly level?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** A layer as it goes out: its file, and what a manifest says of it. */
export interface LayerFile {
  readonly path: string;
  readonly descriptor: Pick<Descriptor, 'mediaType' | 'digest' | 'size'>;
}

/** Write a layer of the store to a file, compressed. */
export async function compressLayer(
  { digest: stored }: Pick<Descriptor, 'digest'>,
  path: string,
  { compression, level, signal }: CompressOptions,
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
