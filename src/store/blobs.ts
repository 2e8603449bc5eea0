/**
 * Content by digest: an OCI image layout on disk, which skopeo and the like can read as it is.
 *
 * @see https://github.com/opencontainers/image-spec/blob/main/image-layout.md
 */
import { createHash } from 'node:crypto';
import { closeSync, existsSync, openSync, readFileSync, writeSync } from 'node:fs';
import { hasCode, TspodError } from '../errors.ts';
import { storePath } from '../host/paths.ts';
import { digestAlgorithm, digestHex, toDigest, type Digest } from '../model/digest.ts';

const REMEDY = 'Remove the image that needs it, and pull it again: tspod images, tspod rmi';

/** What a descriptor promises of a blob. */
export interface BlobPromise {
  readonly digest: Digest;
  /** bytes */
  readonly size: number;
}

/** The file of a blob, whether it is there or not. */
export function blobPath(digest: Digest): string {
  return storePath('blobs', digestAlgorithm(digest), digestHex(digest));
}

/** Whether the store has it whole: a blob appears under its digest when it is complete. */
export function hasBlob(digest: Digest): boolean {
  return existsSync(blobPath(digest));
}

/**
 * Read a small blob whole: a manifest, a config.
 *
 * @throws {TspodError} when it is not there, which only damage explains
 */
export function readBlob(digest: Digest): Buffer {
  try {
    return readFileSync(blobPath(digest));
  } catch (cause) {
    if (!hasCode(cause, 'ENOENT')) throw cause;
    throw explainGone(digest, cause);
  }
}

/** The error for a blob that is not there. */
export function explainGone(digest: Digest, cause?: unknown): TspodError {
  return new TspodError(`the blob "${digest}" is gone from the store "${storePath()}"`, {
    cause,
    remedy: REMEDY,
  });
}

/** The error for a blob whose file is not as long as its manifest says. */
export function explainDamage(digest: Digest): TspodError {
  return new TspodError(`the blob "${digest}" is damaged in the store "${storePath()}"`, { remedy: REMEDY });
}

/**
 * Pass a stream on while it is written to a file and checked.
 *
 * @throws {TspodError} at its end when size or digest are not as promised; nobody may use the file then
 */
export async function* saveStream(
  source: AsyncIterable<Uint8Array>,
  path: string,
  { digest, size }: BlobPromise,
): AsyncGenerator<Buffer, void, undefined> {
  const algorithm = digestAlgorithm(digest);
  const hash = createHash(algorithm);
  const file = openSync(path, 'wx', 0o600);
  let received = 0;
  try {
    for await (const data of source) {
      const chunk = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
      received += chunk.length;
      if (received > size) throw new TspodError(`it is larger than the ${size} bytes its manifest says`);
      hash.update(chunk);
      for (let at = 0; at < chunk.length; at += writeSync(file, chunk, at));
      yield chunk;
    }
  } finally {
    closeSync(file);
  }
  if (received < size) throw new TspodError(`it ends after ${received} of ${size} bytes`);
  const actual = toDigest(algorithm, hash.digest('hex'));
  if (actual !== digest) throw new TspodError(`its content has the digest "${actual}"`);
}
