/** Deleting what no image and no container needs: found by looking at what there is, never by counting. */
import { accessSync, chmodSync, constants, existsSync, renameSync, rmSync } from 'node:fs';
import { hasCode } from '../errors.ts';
import { storePath } from '../host/paths.ts';
import { listIfPresent } from '../host/present.ts';
import { digestHex } from '../model/digest.ts';
import { usedImages } from '../model/used-images.ts';
import { whileCollecting } from './collecting.ts';
import { listContainers, listDamagedContainers } from './container-list.ts';
import { readIndex, readManifest, withImageLock } from './image-index.ts';
import { listDamagedImages, listImages } from './images.ts';
import { seize } from './pin.ts';
import { openStaging, sweepStaging } from './staging.ts';

/**
 * Delete blobs and layers that nobody needs, and what killed processes have left. What a pull holds stays, and all of it
 * while nobody knows what a damaged image or container needs.
 */
export async function collectGarbage(): Promise<void> {
  await sweepStaging();
  await using removed = new AsyncDisposableStack(); // Large trees take their time, for which nobody waits with the lock.
  await withImageLock(async () => {
    if (listDamagedImages().length > 0 || listDamagedContainers().length > 0) return;
    const blobs = findNeededBlobs();
    for (const algorithm of ['sha256', 'sha512']) {
      for (const hex of listIfPresent(storePath('blobs', algorithm))) {
        if (!blobs.has(hex)) await deleteBlob(storePath('blobs', algorithm, hex));
      }
    }
    await whileCollecting(async () => {
      const layers = findNeededLayers();
      for (const name of listIfPresent(storePath('layers'))) {
        const hex = /^(?<hex>[0-9a-f]+)\.json$/.exec(name)?.groups?.['hex'];
        if (hex !== undefined && !layers.has(hex)) await deleteLayer(hex, removed);
      }
    });
  });
}

/** By hexadecimal digits. */
function findNeededBlobs(): ReadonlySet<string> {
  const blobs = new Set<string>();
  for (const { digest: own, indexDigest } of readIndex() ?? []) {
    const manifest = readManifest(own);
    for (const { digest } of [{ digest: own }, manifest.config, ...manifest.layers]) blobs.add(digestHex(digest));
    if (indexDigest !== undefined) blobs.add(digestHex(indexDigest));
  }
  return blobs;
}

/** By hexadecimal digits. */
function findNeededLayers(): ReadonlySet<string> {
  const images = [...listImages(), ...listContainers().flatMap(({ config }) => usedImages(config))];
  return new Set(images.flatMap(({ layers }) => layers.map(digestHex)));
}

async function deleteBlob(path: string): Promise<void> {
  if (!isReadable(path)) chmodSync(path, 0o600); // Damage: it is opened to be locked.
  using seized = await seize(path);
  if (seized !== undefined) rmSync(path, { recursive: true, force: true });
}

function isReadable(path: string): boolean {
  try {
    accessSync(path, constants.R_OK);
    return true;
  } catch (error) {
    return !hasCode(error, 'EACCES');
  }
}

/**
 * Out of sight in one step, then in pieces: a crash leaves what the next sweep takes.
 *
 * @param removed gets the pieces
 */
async function deleteLayer(hex: string, removed: AsyncDisposableStack): Promise<void> {
  const path = storePath('layers', hex);
  using seized = await seize(`${path}.json`);
  if (seized === undefined) return;
  const staging = removed.use(await openStaging());
  if (existsSync(path)) renameSync(path, staging.tree);
  if (existsSync(`${path}.capable`)) renameSync(`${path}.capable`, staging.capable);
  rmSync(`${path}.json`);
}
