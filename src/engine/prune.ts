/** Remove what nothing uses. */
import { GoneError } from '../errors.ts';
import { probeHost } from '../host/probe.ts';
import { measureTrees, tryRemoveTrees } from '../host/userns.ts';
import { isDown } from '../model/container-status.ts';
import { namesOfVolumes } from '../model/mount.ts';
import type { Prunable } from '../model/prunable.ts';
import { usedImages } from '../model/used-images.ts';
import { listAllContainers, listContainers } from '../store/container-list.ts';
import type { Container } from '../store/containers.ts';
import { recordVolumeEvent } from '../store/events.ts';
import { isBeingStarted } from '../store/held-container.ts';
import { listImages, type StoredImage } from '../store/images.ts';
import { removeLeftovers } from '../store/leftovers.ts';
import {
  discardAside,
  gatherVolumeGarbage,
  listVolumes,
  returnAside,
  setVolumeAside,
  volumeDataPath,
} from '../store/volumes.ts';
import { measureContainers } from './details.ts';
import { removeUnusedImages } from './images/remove-images.ts';
import { removeContainers } from './remove.ts';

export interface PrunableVolume extends Prunable {
  readonly name: string;
}

export interface Pruned {
  /** Ids, or the names of volumes. */
  readonly removed: readonly string[];
  readonly errors: readonly unknown[];
  /** bytes */
  readonly reclaimed: number;
}

/** Remove the containers that do not run; one that another command is about to start stays. */
export async function pruneContainers(isWanted: (container: Prunable) => boolean): Promise<Pruned> {
  const idle = listContainers().filter((container) => isIdle(container) && isWanted(container.config));
  const sized = await measureContainers(idle);
  const results = await removeContainers(sized, { force: false, volumes: false });
  const done = results.filter(({ error }) => error === undefined).map(({ container }) => container.config.id);
  return {
    removed: done,
    // Another command has removed it: it is gone, which is what was asked for.
    errors: results.flatMap(({ error }) => (error === undefined || error instanceof GoneError ? [] : [error])),
    reclaimed: sized.reduce((sum, { config, size }) => sum + (done.includes(config.id) ? size.rwSize : 0), 0),
  };
}

function isIdle(container: Container): boolean {
  return isDown(container.status) && !isBeingStarted(container);
}

export interface PruneImagesOptions {
  /** Also those that have names. */
  readonly all: boolean;
  readonly isWanted: (image: Prunable) => boolean;
}

/**
 * Remove the images that no container uses.
 *
 * @throws {DamagedContainerError} when nobody knows what one of them uses
 */
export async function pruneImages({ all, isWanted }: PruneImagesOptions): Promise<Pruned> {
  const used = new Set(listAllContainers().flatMap(({ config }) => usedImages(config).map(({ id }) => id)));
  const idle = listImages().filter(
    (image) => !used.has(image.id) && (all || image.names.length === 0) && isWanted(describeImage(image)),
  );
  const results = await removeUnusedImages(idle);
  const removed = results.flatMap(({ deleted }) => (deleted === undefined ? [] : [deleted]));
  return {
    removed,
    errors: results.flatMap(({ error }) => (error === undefined ? [] : [error])),
    reclaimed: removed.reduce((sum, id) => sum + (idle.find((image) => image.id.endsWith(id))?.size ?? 0), 0),
  };
}

function describeImage({ config, created }: StoredImage): Prunable {
  return { labels: config.config?.Labels ?? {}, created };
}

/**
 * The volumes that no container uses, by name.
 *
 * @throws {DamagedContainerError} when nobody knows what one of them uses
 */
export function listUnusedVolumes(isWanted: (volume: PrunableVolume) => boolean): PrunableVolume[] {
  const used = usedVolumes();
  return listVolumes().filter((volume) => volume.isDamaged !== true && !used.has(volume.name) && isWanted(volume));
}

/**
 * Remove the volumes that no container uses.
 *
 * @throws {DamagedContainerError} when nobody knows what one of them uses
 */
export async function pruneVolumes(isWanted: (volume: PrunableVolume) => boolean): Promise<Pruned> {
  const facts = await probeHost();
  const idle = listUnusedVolumes(isWanted);
  const bytes = await measureTrees(
    idle.map(({ name }) => volumeDataPath(name)),
    facts,
  );
  const used = usedVolumes(); // To measure takes its time, and a new container may have one now.
  const chosen = idle.flatMap(({ name }, index) =>
    used.has(name) ? [] : [{ name, size: bytes[index] ?? 0, aside: setVolumeAside(name) }],
  );
  const unused = returnUsed(chosen).map((volume) => ({ ...volume, garbage: discardAside(volume.aside) }));
  const stuck = await tryRemoveTrees(
    unused.flatMap(({ garbage }) => garbage),
    facts,
  );
  await removeLeftovers(gatherVolumeGarbage());
  for (const { name } of unused) {
    await recordVolumeEvent(name, 'remove');
    await recordVolumeEvent(name, 'prune');
  }
  const removed = unused.filter(({ garbage }) => !garbage.some((path) => stuck.has(path)));
  return {
    removed: removed.map(({ name }) => name),
    errors: [...stuck.values()],
    reclaimed: removed.reduce((sum, { size }) => sum + size, 0),
  };
}

interface AsideVolume {
  readonly name: string;
  readonly aside: readonly string[];
}

/**
 * A container is in the store before it makes its volumes: one that found these is seen now, and gets them back.
 *
 * @returns those that nothing uses
 */
function returnUsed<T extends AsideVolume>(volumes: readonly T[]): T[] {
  try {
    const used = usedVolumes();
    return volumes.filter(({ name, aside }) => !used.has(name) || !returnAside(name, aside));
  } catch (error) {
    for (const { name, aside } of volumes) returnAside(name, aside);
    throw error;
  }
}

function usedVolumes(): ReadonlySet<string> {
  return new Set(listAllContainers().flatMap(({ config }) => namesOfVolumes(config.mounts)));
}
