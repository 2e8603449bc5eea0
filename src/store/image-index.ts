/**
 * index.json of the OCI image layout: one entry for each name of an image, or one without a name. What
 * we know beyond the specification stands in annotations.
 */
import {
  appendFileSync,
  closeSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  renameSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { hasCode, TspodError } from '../errors.ts';
import { storePath } from '../host/paths.ts';
import { readIfPresent } from '../host/present.ts';
import { removeStagedFiles } from '../host/staged-files.ts';
import { parseDigest, type Digest } from '../model/digest.ts';
import { decodeManifest, MEDIA_TYPES, REF_NAME, type Descriptor, type ImageManifest } from '../model/oci-image.ts';
import { readBlob } from './blobs.ts';
import { withLock } from '../host/lock.ts';
import { explainNoSpace, isNoSpace } from './no-space.ts';
import { ensureLayout } from './staging.ts';
import { syncDirectory, writeState } from './state-file.ts';

export interface IndexEntry {
  /** The image's id: digest of its config. Several manifests may lead to one image, compressed differently say. */
  readonly id: Digest;
  /** Of the manifest. */
  readonly digest: Digest;
  /** Bytes of the manifest. */
  readonly size: number;
  readonly mediaType: string;
  /** The full reference, `repo:tag` or `repo@digest`; undefined for an image without a name. */
  readonly name: string | undefined;
  /** Bytes of its layers' tar archives. */
  readonly unpackedSize: number;
  /** The index that the manifest was chosen from. */
  readonly indexDigest: Digest | undefined;
}

/**
 * The entries; undefined in a store that nobody has put an image into.
 *
 * @throws {TspodError} when it is no index, which only an outsider or the disk can have caused
 */
export function readIndex(): readonly IndexEntry[] | undefined {
  const path = storePath('index.json');
  try {
    const text = readIfPresent(path);
    if (text === undefined) return undefined;
    const document = decodeManifest(text, path, MEDIA_TYPES.ociIndex);
    return document.kind === 'index' ? document.index.manifests.map(toEntry) : [];
  } catch (cause) {
    if (hasCode(cause, 'ENOTDIR')) throw cause; // There is no store.
    throw new TspodError(`the index of images is damaged: ${(cause as Error).message}`, {
      cause,
      remedy: `Put a copy of it there, or remove it, and pull or load the images again: rm -rf ${path}`,
    });
  }
}

/** The manifest of an entry. */
export function readManifest(digest: Digest): ImageManifest {
  const document = decodeManifest(readBlob(digest).toString('utf8'), digest);
  if (document.kind === 'index') throw new TspodError(`the manifest "${digest}" in the store is an index`);
  return document.manifest;
}

/** Change the index while nobody else does; what `change` returns is what it says from then on. */
export async function updateIndex(
  change: (entries: readonly IndexEntry[]) => readonly IndexEntry[] | Promise<readonly IndexEntry[]>,
): Promise<void> {
  await withImageLock(async () => {
    const before = readIndex();
    const after = await change(before ?? []);
    if (after !== before) writeIndex(after);
  });
}

/**
 * Take a name from an image that has others.
 *
 * @returns false when this one is its last, or is not its name any more: then it stays as it is
 */
export async function takeName(id: Digest, name: string): Promise<boolean> {
  let isTaken = false;
  await updateIndex((before) => {
    const names = before.flatMap((entry) => (entry.id === id && entry.name !== undefined ? [entry.name] : []));
    isTaken = names.length > 1 && names.includes(name);
    return isTaken ? before.filter((entry) => entry.id !== id || entry.name !== name) : before;
  });
  return isTaken;
}

/** Nobody adds or removes images meanwhile. */
export async function withImageLock<T>(body: () => Promise<T>): Promise<T> {
  ensureLayout();
  return await withLock(storePath('blobs'), async () => {
    removeStagedFiles(storePath(), { name: 'index.json' });
    return await body();
  });
}

const IMAGE_ID = 'tspod.image-id';
const UNPACKED_SIZE = 'tspod.unpacked-size';
const INDEX_DIGEST = 'tspod.index-digest';

function writeIndex(entries: readonly IndexEntry[]): void {
  const path = storePath('index.json');
  const index = { schemaVersion: 2, mediaType: MEDIA_TYPES.ociIndex, manifests: entries.map(toDescriptor) };
  try {
    writeState(path, index);
  } catch (error) {
    if (!isNoSpace(error) || !writeReserve(path, JSON.stringify(index))) {
      throw explainNoSpace(error, 'the index of images');
    }
  }
  keepReserve(path);
}

/** Beside the index, and at least as large: where the next one goes when the disk has no room. */
const RESERVE = 'index.json.reserve';
/** bytes */
const RESERVE_STEP = 16 << 10;

/**
 * On a full disk, which a removal is to relieve: the new index is written into the blocks that the reserve has, and the
 * reserve is renamed. Its end is blank until then: it stays as large as it was where we are killed.
 */
function writeReserve(path: string, text: string): boolean {
  const reserve = storePath(RESERVE);
  const size = sizeOf(reserve);
  const length = Buffer.byteLength(text);
  // What grows would take the blocks that the next reserve needs.
  if (length > size || length > sizeOf(path)) return false;
  const bytes = Buffer.alloc(size, ' ');
  bytes.write(text);
  const file = openSync(reserve, 'r+');
  try {
    writeFileSync(file, bytes);
    fsyncSync(file);
    renameSync(reserve, path);
    ftruncateSync(file, length);
  } catch (error) {
    if (isNoSpace(error)) return false; // Where what is written anew takes new blocks, as with btrfs.
    throw error;
  } finally {
    closeSync(file);
  }
  syncDirectory(storePath());
  return true;
}

/** As long as there is room. */
function keepReserve(path: string): void {
  const reserve = storePath(RESERVE);
  const missing = Math.ceil(sizeOf(path) / RESERVE_STEP) * RESERVE_STEP - sizeOf(reserve);
  if (missing <= 0) return;
  try {
    appendFileSync(reserve, Buffer.alloc(missing, ' '), { mode: 0o600 });
  } catch (error) {
    if (!isNoSpace(error)) throw error;
  }
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}

function toEntry({ digest, size, mediaType, annotations = {} }: Descriptor): IndexEntry {
  const id = annotations[IMAGE_ID];
  const indexDigest = annotations[INDEX_DIGEST];
  return {
    id: id === undefined ? readManifest(digest).config.digest : parseDigest(id),
    digest,
    size,
    mediaType,
    name: annotations[REF_NAME],
    unpackedSize: Number(annotations[UNPACKED_SIZE] ?? 0),
    indexDigest: indexDigest === undefined ? undefined : parseDigest(indexDigest),
  };
}

function toDescriptor({ id, digest, size, mediaType, name, unpackedSize, indexDigest }: IndexEntry): Descriptor {
  const annotations = {
    ...(name === undefined ? {} : { [REF_NAME]: name }),
    [IMAGE_ID]: id,
    [UNPACKED_SIZE]: String(unpackedSize),
    ...(indexDigest === undefined ? {} : { [INDEX_DIGEST]: indexDigest }),
  };
  return { mediaType, digest, size, annotations };
}
