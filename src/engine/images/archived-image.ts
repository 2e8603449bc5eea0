/** An image as an archive has it, and what both kinds of archives need to read it. */
import { createHash } from 'node:crypto';
import { digestHex, toDigest, type Digest } from '../../model/digest.ts';
import type { ArchiveFile } from '../../store/archive.ts';

/** An image in an archive: its documents, and where its layers are. */
export interface ArchivedImage {
  /** Full references. */
  readonly names: readonly string[];
  readonly manifest: Buffer;
  readonly config: Buffer;
  readonly layers: readonly ArchivedLayer[];
}

export interface ArchivedLayer {
  readonly diffId: Digest;
  readonly digest: Digest;
  readonly file: ArchiveFile;
}

/** Of an archive that cannot be read as what it should be. */
export const ARCHIVE_REMEDY =
  'It is another file, or was damaged on its way: make it again, with podman save, docker save or skopeo copy.';

/** The digest of a file of an archive. */
export async function hashFile(file: ArchiveFile): Promise<Digest> {
  const hash = createHash('sha256');
  for await (const chunk of file.stream()) hash.update(chunk);
  return toDigest('sha256', hash.digest('hex'));
}

/** The name of a blob's file in an OCI layout. */
export function blobName(digest: Digest): string {
  return `blobs/${digest.slice(0, digest.indexOf(':'))}/${digestHex(digest)}`;
}
