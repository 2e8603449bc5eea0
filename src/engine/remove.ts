/** Remove containers: out of the store in one step each, then their files in the user namespace, together. */
import { BusyError, GoneError, TspodError } from '../errors.ts';
import { withLock } from '../host/lock.ts';
import { removeTrees, tryRemoveTrees } from '../host/userns.ts';
import { probeHost } from '../host/probe.ts';
import { isDown, isNew } from '../model/container-status.ts';
import { anonymousVolumes } from '../model/mount.ts';
import { detachContainer, gatherGarbage } from '../store/container-garbage.ts';
import { containerPath, containerRuntimePath } from '../store/container-paths.ts';
import { readContainer, type Container } from '../store/containers.ts';
import type { ContainerId } from '../model/container-config.ts';
import { hasCopyRecords } from '../store/copies.ts';
import { listDependents } from '../store/dependents.ts';
import { recordContainerEvent, recordVolumeEvent } from '../store/events.ts';
import { withContainer } from '../store/held-container.ts';
import { removeLeftovers } from '../store/leftovers.ts';
import { readMount } from '../store/mounted.ts';
import { isBorrowed } from '../store/volume-borrowers.ts';
import { detachVolume, gatherVolumeGarbage } from '../store/volumes.ts';
import { findLeftCgroup } from './left-cgroup.ts';
import { removeOrphanedScopes } from './orphaned-scopes.ts';
import { endLateMonitor, endStart, killMonitor, startPatienceMs, stopLockedContainer } from './stop.ts';

export interface RemoveOptions {
  /** Stop it first when it runs. */
  readonly force: boolean;
  /** Its anonymous volumes go, too. */
  readonly volumes: boolean;
  /** seconds between the stop signal and SIGKILL */
  readonly timeoutSeconds?: number | undefined;
  /** Those that need one of them go, too. */
  readonly depend?: boolean;
  /** One for which this does not hold any more, once nobody else has it, stays. */
  readonly only?: (container: Container) => boolean;
}

export type RemoveResult = { readonly container: Container; readonly error?: unknown };

/**
 * Remove containers, each for itself: an error of one is in its result. What killed commands have left goes, too.
 * Works on a full disk: nothing is written.
 */
export async function removeContainers(
  containers: readonly Container[],
  options: RemoveOptions,
): Promise<RemoveResult[]> {
  const leftovers = [...(await gatherGarbage()), ...(options.volumes ? gatherVolumeGarbage() : [])];
  const results: (RemoveResult & { readonly garbage: readonly string[] })[] = [];
  for (const container of orderByNeed(containers, options)) {
    try {
      results.push({ container, garbage: await removeContainer(container, options) });
    } catch (error) {
      results.push({ container, error, garbage: [] });
    }
  }
  const garbage = results.flatMap((result) => result.garbage);
  const stuck = garbage.length > 0 ? await tryRemoveTrees(garbage, await probeHost()) : undefined;
  await removeLeftovers(leftovers);
  await removeOrphanedScopes();
  return results.map(({ container, error, garbage: own }) => {
    const path = own.find((one) => stuck?.has(one));
    return { container, error: path === undefined ? error : stuck?.get(path) };
  });
}

/** Remove one container; why it could not be removed is thrown. */
export async function removeOne(container: Container, options: RemoveOptions): Promise<void> {
  const [result] = await removeContainers([container], options);
  if (result?.error !== undefined) throw result.error as Error;
}

/**
 * Remove what a container that has ended left outside of the store.
 *
 * @param options.remove whether the container goes, too
 * @throws {TspodError} when it has not ended
 */
export async function cleanUpContainer({ config }: Container, { remove }: { readonly remove: boolean }): Promise<void> {
  await withContainer(config.id, async (container) => {
    const { status } = container;
    if (!isDown(status)) {
      throw new TspodError(`container ${config.id} is ${status}, refusing to clean up`, {
        remedy: `tspod stop ${config.name}`,
      });
    }
    await unmountIfMounted(config.id);
    await removeTrees([containerRuntimePath(config.id), ...findLeftCgroup(container)], await probeHost());
  });
  if (!remove) return;
  const container = readContainer(config.id);
  if (container !== undefined) await removeOne(container, { force: false, volumes: true });
}

/** Remove a container whose config cannot be read: nobody knows its volumes, which stay. */
export async function removeDamagedContainer(id: ContainerId): Promise<void> {
  const garbage = await withLock(containerPath(id), async () => {
    await killMonitor(id);
    await unmountIfMounted(id);
    return [containerRuntimePath(id), await detachContainer({ id })];
  });
  await removeTrees(garbage, await probeHost());
}

/** Remove a container that could not be started, with its anonymous volumes. */
export async function discardContainer(id: ContainerId): Promise<void> {
  const container = readContainer(id);
  if (container !== undefined) await removeContainers([container], { force: true, volumes: true, timeoutSeconds: 0 });
}

/** Remove a container of `--rm` whose start has failed; one that another needs stays, and can be started again. */
export async function discardUnstarted(id: ContainerId): Promise<void> {
  const container = readContainer(id);
  if (container === undefined || !container.config.remove || !isNew(container.status)) return;
  await removeContainers([container], { force: false, volumes: true });
}

/** Those that others need come after these; with `depend` all that need one of them are added. */
function orderByNeed(containers: readonly Container[], { depend = false }: RemoveOptions): Container[] {
  const named = new Map(containers.map((container) => [container.config.id, container]));
  const ordered = new Map<ContainerId, Container>();
  const visit = (container: Container): void => {
    if (ordered.has(container.config.id)) return;
    for (const id of listDependents(container.config.id)) {
      const dependent = named.get(id) ?? (depend ? readContainer(id) : undefined);
      if (dependent !== undefined) visit(dependent);
    }
    ordered.set(container.config.id, container);
  };
  containers.forEach(visit);
  return [...ordered.values()];
}

/** @throws {TspodError} when another container joins this one's namespaces, or requires it */
function refuseIfNeeded({ id, name }: Container['config']): void {
  const dependents = listDependents(id);
  if (dependents.length === 0) return;
  throw new TspodError(
    `container ${id} has dependent containers which must be removed before it: ${dependents.join(', ')}`,
    { remedy: `tspod rm --depend ${name}` },
  );
}

/** In this session; from others it goes with the directory that it is mounted on: rmdir(2). */
async function unmountIfMounted(id: ContainerId): Promise<void> {
  if (readMount(id) === undefined) return;
  const { unmountOwn } = await import('./session-mounts.ts');
  await unmountOwn(id);
}

/** @returns the paths that are garbage now */
async function removeContainer(container: Container, options: RemoveOptions): Promise<string[]> {
  if (!options.force) return await removeIdle(container, options);
  try {
    const waitMs = startPatienceMs(container.config, options);
    return await removeIdle(container, options, waitMs === undefined ? {} : { waitMs });
  } catch (error) {
    if (!(error instanceof BusyError)) throw error;
    await endStart(container.config.id);
    return await removeIdle(container, options);
  }
}

async function removeIdle(
  { config: { id } }: Container,
  options: RemoveOptions,
  patience: { readonly waitMs?: number } = {},
): Promise<string[]> {
  try {
    return await withContainer(id, (container) => removeUnderLock(container, options), patience);
  } catch (error) {
    if (error instanceof GoneError && options.force) return []; // Somebody else was faster, which is what was asked for.
    throw error;
  }
}

/** @returns the paths that are garbage now */
async function removeUnderLock(container: Container, options: RemoveOptions): Promise<string[]> {
  const { config } = container;
  if (options.only?.(container) === false) return [];
  refuseIfNeeded(config);
  await bringDown(container, options);
  const down = readContainer(config.id);
  if (down === undefined) return []; // Its monitor has removed it: --rm.
  if (hasCopyRecords(config.id)) await (await import('./entrance.ts')).removeLeftCopies(down);
  await unmountIfMounted(config.id);
  refuseIfNeeded(config); // Another one may have come while this one was stopped.
  const volumes = options.volumes ? anonymousVolumes(config.mounts) : [];
  // The volumes first: nobody would look for those of a container that is gone.
  const detached = volumes.flatMap((volume) =>
    isBorrowed(volume.name) ? [] : [{ ...volume, garbage: detachVolume(volume.name) }],
  );
  const left = findLeftCgroup(container);
  // As gatherGarbage(), if we are killed.
  const garbage = [containerRuntimePath(config.id), ...left, await detachContainer(config)];
  if (config.cidfile !== undefined) (await import('./cidfile.ts')).removeCidfile(config);
  await recordContainerEvent(config, 'remove');
  for (const { name } of detached) await recordVolumeEvent(name, 'remove');
  return [...garbage, ...detached.flatMap((volume) => volume.garbage)];
}

/** @throws {TspodError} when it runs, and may not be stopped */
async function bringDown(container: Container, options: RemoveOptions): Promise<void> {
  const {
    config: { id, name },
    status,
  } = container;
  if (isNew(status)) await killMonitor(id); // Without its starter it ends by itself, but perhaps not now.
  if (!isDown(status)) {
    if (!options.force) {
      throw new TspodError(
        `cannot remove container ${id} as it is ${status} - running or paused containers cannot be removed without force: container state improper`,
        { remedy: `tspod rm --force ${name}`, exitCode: 2 },
      );
    }
    // As in Podman: a paused one is not asked first, for which it would have to run again.
    await stopLockedContainer(container, status === 'paused' ? { timeoutSeconds: 0 } : options);
  }
  if (options.force) await endLateMonitor(id);
}
