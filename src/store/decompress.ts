/** Layers as they are sent become tar archives: gzip, zstd, xz, bzip2, or none of them, as their first bytes say. */
import { pipeline } from 'node:stream/promises';
import { constants, createGunzip, createZstdDecompress, type ZstdOptions } from 'node:zlib';
import { TspodError } from '../errors.ts';
import type { DecompressingProgram } from '../host/decompressor.ts';
import { splitZstdFrames } from './zstd-frames.ts';

/** Larger pieces than Node's 16 KiB: half the time for a layer of 200 MB. */
const CHUNK_SIZE = 256 << 10;

/**
 * Decompress a stream. The media type is not asked: registries and archives mislabel their layers.
 *
 * @throws {TspodError} when the compressed data is damaged or truncated
 */
export async function* decompress(source: AsyncIterable<Buffer>): AsyncGenerator<Buffer, void, undefined> {
  const chunks = source[Symbol.asyncIterator]();
  try {
    const head = await readHead(chunks);
    const all = continued(head, chunks);
    const compression = compressionOf(head);
    switch (compression) {
      case 'gzip':
        return yield* decode(all, createGunzip({ chunkSize: CHUNK_SIZE }), 'gzip');
      case 'zstd':
        return yield* decode(splitZstdFrames(all), createZstdDecompress(zstdOptions()), 'zstd');
      case 'none':
        return yield* all;
      case 'bzip2':
      case 'xz':
        return yield* await runDecompressor(compression, all);
    }
  } finally {
    await chunks.return?.();
  }
}

/** What the first bytes of a file say about its compression. */
export function compressionOf(head: Buffer): 'gzip' | 'zstd' | 'bzip2' | 'xz' | 'none' {
  if (head.length >= 2 && head.readUInt16BE(0) === 0x1f8b) return 'gzip';
  if (head.length >= 4) {
    const magic = head.readUInt32LE(0);
    if (magic === 0xfd2fb528 || magic >>> 4 === 0x184d2a5) return 'zstd';
    if (head.toString('latin1', 0, 3) === 'BZh') return 'bzip2';
    if (head.toString('latin1', 0, 4) === '\xfd7zX') return 'xz';
  }
  return 'none';
}

async function readHead(chunks: AsyncIterator<Buffer>): Promise<Buffer> {
  let head: Buffer = Buffer.alloc(0);
  while (head.length < 4) {
    const next = await chunks.next();
    if (next.done === true) break;
    head = head.length === 0 ? next.value : Buffer.concat([head, next.value]);
  }
  return head;
}

async function* continued(head: Buffer, chunks: AsyncIterator<Buffer>): AsyncGenerator<Buffer, void, undefined> {
  if (head.length > 0) yield head;
  yield* { [Symbol.asyncIterator]: () => chunks };
}

/** Few archives need it, and what runs programs is not loaded for the others. */
async function runDecompressor(program: DecompressingProgram, source: AsyncIterable<Buffer>) {
  const { decompressBy } = await import('../host/decompressor.ts');
  return decompressBy(program, source);
}

/** --long=31 needs the largest window: zstd(1). */
function zstdOptions(): ZstdOptions {
  return { chunkSize: CHUNK_SIZE, params: { [constants.ZSTD_d_windowLogMax]: 31 } };
}

type Decoder = ReturnType<typeof createGunzip> | ReturnType<typeof createZstdDecompress>;

async function* decode(
  source: AsyncIterable<Buffer>,
  decoder: Decoder,
  format: string,
): AsyncGenerator<Buffer, void, undefined> {
  const feeding = pipeline(source, decoder);
  feeding.catch(() => undefined); // It is waited for below, unless reading fails first, for the same reason.
  try {
    for await (const chunk of decoder) yield chunk as Buffer;
    await feeding;
  } catch (cause) {
    throw explain(cause, format);
  } finally {
    decoder.destroy();
  }
}

function explain(cause: unknown, format: string): unknown {
  const { code = '' } = cause as NodeJS.ErrnoException;
  if (code === 'Z_BUF_ERROR') return new TspodError(`the ${format} data ends too early`, { cause });
  if (code === 'Z_DATA_ERROR' || code === 'ERR_STREAM_PREMATURE_CLOSE' || /^ZSTD_|^Z_/.test(code)) {
    return new TspodError(`the ${format} data is damaged`, { cause });
  }
  return cause;
}
