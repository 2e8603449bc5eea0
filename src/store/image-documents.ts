/** The documents of an image, manifest, config and index: blobs that no pull unpacks. */
import { closeSync, fsyncSync, openSync, writeFileSync } from 'node:fs';
import { DamagedImageError } from '../errors.ts';
import { digestOf } from '../host/digest.ts';
import { storePath } from '../host/paths.ts';
import { decodeConfig, type ImageConfig, type ImageManifest } from '../model/oci-image.ts';
import { blobPath, hasBlob, readBlob } from './blobs.ts';
import { readManifest, type IndexEntry } from './image-index.ts';
import { explainNoSpace } from './no-space.ts';
import { placePinned } from './pin.ts';
import { openStaging } from './staging.ts';
import { syncDirectory } from './state-file.ts';

interface ImageDocuments {
  readonly manifest: ImageManifest;
  readonly config: ImageConfig;
}

/** @throws {DamagedImageError} when they are not what they were */
export function readDocuments({ id, digest }: IndexEntry): ImageDocuments {
  try {
    const manifest = readManifest(digest);
    const text = readBlob(manifest.config.digest).toString('utf8');
    return { manifest, config: decodeConfig(text, manifest.config.digest, manifest) };
  } catch (cause) {
    throw new DamagedImageError(id, { cause: cause as Error });
  }
}

/**
 * Put documents on disk that are not there yet.
 *
 * @throws {TspodError} when there is no space for them
 */
export async function writeDocuments(documents: readonly Buffer[]): Promise<void> {
  const absent = documents.filter((bytes) => !hasBlob(digestOf(bytes)));
  if (absent.length === 0) return;
  try {
    await placeBlobs(absent);
  } catch (error) {
    throw explainNoSpace(error, 'the documents of the image');
  }
}

async function placeBlobs(absent: readonly Buffer[]): Promise<void> {
  await using staging = await openStaging();
  for (const [position, bytes] of absent.entries()) {
    const digest = digestOf(bytes);
    const staged = staging.file(String(position));
    const file = openSync(staged, 'wx', 0o600);
    try {
      writeFileSync(file, bytes);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    (await placePinned(staged, blobPath(digest)))[Symbol.dispose](); // The lock of the index keeps it.
  }
  syncDirectory(storePath('blobs', 'sha256'));
}
