/**
 * Layers: each unpacked once, in `layers/<hex of the diff id>`, with `<hex>.json` beside it, which
 * stands for it where a layer must be kept or deleted (its root may belong to a subordinate id).
 */
import { createHash } from 'node:crypto';
import { closeSync, createReadStream, existsSync, mkdirSync, openSync, renameSync } from 'node:fs';
import { TspodError } from '../errors.ts';
import { ensureDirectory } from '../host/directory.ts';
import { storePath } from '../host/paths.ts';
import { probeHost } from '../host/probe.ts';
import { copyCapable, unpackTar } from '../host/unpack.ts';
import { refuseUserns } from '../host/userns.ts';
import { count, object, optional, parsed } from '../model/decode.ts';
import { digestAlgorithm, digestHex, parseDigest, toDigest, type Digest } from '../model/digest.ts';
import type { HostFacts } from '../model/host-facts.ts';
import { blobPath, saveStream, type BlobPromise } from './blobs.ts';
import { decompress } from './decompress.ts';
import { explainNoSpace } from './no-space.ts';
import { pin, placePinned } from './pin.ts';
import { openStaging, type Staging } from './staging.ts';
import { readState, syncDirectory, writeState } from './state-file.ts';

/** Of a part of an image that is not as the image says. */
export const DAMAGED_SOURCE_REMEDY =
  'Try again; if it stays so, the image is damaged where it is, and must be made anew.';

/** A layer on its way into the store; disposing of it removes what was not committed, and lets go of the rest. */
export interface StagedLayer extends AsyncDisposable {
  /** Blob and layer were in the store already; nothing was read. */
  readonly present: boolean;
  /** Give blob and layer their places. */
  commit(): Promise<void>;
}

/** The directory that an overlay takes as one of its lower ones. */
export function layerPath(diffId: Digest): string {
  return storePath('layers', digestHex(diffId));
}

/**
 * The files of a layer that have capabilities, once more: as the kernel stores them they hold where root is the user,
 * and here they hold where root is the first subordinate id (`--userns=keep-id`). To be laid upon the layer;
 * undefined where there are none.
 */
export function capableLayerPath(diffId: Digest): string | undefined {
  const path = `${layerPath(diffId)}.capable`;
  return existsSync(path) ? path : undefined;
}

/** What is known of a layer without looking into it. */
function layerRecordPath(diffId: Digest): string {
  return `${layerPath(diffId)}.json`;
}

/** Keep what is known of a layer; undefined when it is not there. */
export async function pinLayerRecord(diffId: Digest): Promise<Disposable | undefined> {
  return await pin(layerRecordPath(diffId));
}

/** Whether the layer is unpacked. */
export function hasLayer(diffId: Digest): boolean {
  return existsSync(layerPath(diffId));
}

/** The size of a layer's tar archive in bytes; 0 when it is not in the store. */
export function layerSize(diffId: Digest): number {
  return recordOf(diffId)?.size ?? 0;
}

/**
 * Store and unpack a layer, ready to be committed. Several may be staged at once.
 *
 * @param source the blob's bytes, as often compressed as not, read to their end also where unpacking fails, since a wrong
 *   digest explains why; or the path of a file with them, which was checked when it was written and is taken from there
 * @throws {TspodError} when it is not what its descriptor and diff id promise, or cannot be unpacked;
 *   nothing is left behind then
 */
export async function stageLayer(
  descriptor: BlobPromise,
  diffId: Digest,
  source: AsyncIterable<Uint8Array> | string,
): Promise<StagedLayer> {
  const facts = await probeHost();
  if (facts.usernsRefusal !== undefined) refuseUserns(facts.usernsRefusal); // No layer is at fault.
  const held = new DisposableStack();
  const staging = await openStaging();
  try {
    const blob = await pin(blobPath(descriptor.digest));
    held.use(blob);
    const record = await pinLayerRecord(diffId);
    held.use(record);
    const layerIsThere = record !== undefined && hasLayer(diffId);
    const bytes =
      blob === undefined ? save(source, staging.file('blob'), descriptor) : readFileOf(blobPath(descriptor.digest));
    if (!layerIsThere) await unpack(bytes, { digest: descriptor.digest, diffId }, { staging, facts });
    else if (blob === undefined || recordOf(diffId)?.blob !== descriptor.digest) await check(bytes, diffId);
    const present = layerIsThere && blob !== undefined;
    return {
      present,
      commit: async () => {
        if (blob === undefined) {
          ensureDirectory(storePath('blobs', digestAlgorithm(descriptor.digest)));
          held.use(await placePinned(staging.file('blob'), blobPath(descriptor.digest)));
        }
        if (!layerIsThere) held.use(await placeLayer(staging, diffId));
      },
      [Symbol.asyncDispose]: async () => {
        held.dispose();
        await staging[Symbol.asyncDispose]();
      },
    };
  } catch (error) {
    held.dispose();
    await staging[Symbol.asyncDispose]();
    throw explain(error, descriptor.digest);
  }
}

/** Give staged layers their places, all made durable by one syncfs(2). */
export async function commitLayers(layers: readonly StagedLayer[]): Promise<void> {
  if (layers.every(({ present }) => present)) return;
  const { syncFileSystem } = await import('../host/ffi/libc.ts');
  const store = openSync(storePath('layers'), 'r');
  try {
    syncFileSystem(store);
  } finally {
    closeSync(store);
  }
  for (const layer of layers) await layer.commit();
  syncDirectory(storePath('blobs', 'sha256'));
  syncDirectory(storePath('layers'));
}

const recordSchema = object({
  size: count,
  /** What it was unpacked from. */
  blob: optional(parsed(parseDigest)),
});

function recordOf(diffId: Digest): ReturnType<typeof recordSchema> | undefined {
  const record = readState(layerRecordPath(diffId));
  return record === undefined ? undefined : recordSchema(record, '');
}

function save(source: AsyncIterable<Uint8Array> | string, path: string, promise: BlobPromise): AsyncIterable<Buffer> {
  if (typeof source !== 'string') return saveStream(source, path, promise);
  renameSync(source, path);
  return readFileOf(path);
}

function readFileOf(path: string): AsyncIterable<Buffer> {
  return createReadStream(path, { highWaterMark: 1 << 20 });
}

async function unpack(
  blob: AsyncIterable<Buffer>,
  { digest, diffId }: { readonly digest: Digest; readonly diffId: Digest },
  { staging, facts }: { readonly staging: Staging; readonly facts: HostFacts },
): Promise<void> {
  const layer = openLayer(blob, diffId);
  mkdirSync(staging.tree, { mode: 0o755 });
  const { hasCapabilities } = await layer.read(async (tar) => await unpackTar(tar, staging.tree, facts));
  if (hasCapabilities) await copyCapable(staging.tree, staging.capable, facts);
  const record: ReturnType<typeof recordSchema> = { size: layer.bytes(), blob: digest };
  writeState(staging.file('record'), record, { durability: 'volatile' });
}

/** Else an image that knows the diff id of a layer would get it, whatever blob it brings: image-spec, config.md. */
async function check(blob: AsyncIterable<Buffer>, diffId: Digest): Promise<void> {
  await openLayer(blob, diffId).read(readToEnd);
}

/** A layer's tar archive, to be read once and to its end. */
function openLayer(blob: AsyncIterable<Buffer>, diffId: Digest) {
  const hash = createHash(digestAlgorithm(diffId));
  const seen = { bytes: 0, wholeBlob: false };
  const pieces = blob[Symbol.asyncIterator]();
  const whole = async function* () {
    for (let piece = await pieces.next(); piece.done !== true; piece = await pieces.next()) yield piece.value;
    seen.wholeBlob = true; // What saves the blob has checked it.
  };
  const tar = async function* () {
    for await (const chunk of decompress(whole())) {
      hash.update(chunk);
      seen.bytes += chunk.length;
      yield chunk;
    }
  };
  return {
    bytes: () => seen.bytes,
    /** @throws {TspodError} when it is not what its diff id promises */
    read: async <T>(body: (tar: AsyncGenerator<Buffer, void, undefined>) => Promise<T>): Promise<T> => {
      const result = await body(tar()).catch(async (error: unknown) => {
        await readToEnd(pieces);
        throw error;
      });
      if (!seen.wholeBlob) {
        await readToEnd(pieces);
        throw new TspodError('something follows its compressed data');
      }
      const actual = toDigest(digestAlgorithm(diffId), hash.digest('hex'));
      if (actual !== diffId)
        throw new TspodError(`its tar archive has the digest "${actual}", and its config says "${diffId}"`);
      return result;
    },
  };
}

async function readToEnd(pieces: AsyncIterator<unknown>): Promise<void> {
  while ((await pieces.next()).done !== true);
}

/** The record first: a layer without one could be deleted under its users. The layer itself last: with it all is there. */
async function placeLayer(staging: Staging, diffId: Digest): Promise<Disposable> {
  const pinned = await placePinned(staging.file('record'), layerRecordPath(diffId));
  if (existsSync(staging.capable)) placeTree(staging.capable, `${layerPath(diffId)}.capable`);
  placeTree(staging.tree, layerPath(diffId));
  return pinned;
}

function placeTree(staged: string, path: string): void {
  try {
    renameSync(staged, path);
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (code !== 'ENOTEMPTY' && code !== 'EEXIST') throw error; // Somebody was faster; the layers are equal.
  }
}

function explain(error: unknown, digest: Digest): unknown {
  if (!(error instanceof TspodError)) return explainNoSpace(error, `the layer "${digest}"`);
  if (error.message.includes(digest)) return error;
  const remedy = error.remedy ?? DAMAGED_SOURCE_REMEDY;
  return new TspodError(`cannot use the layer "${digest}": ${error.message}`, { cause: error, remedy });
}
