/** The way into a container's files, for the native program: into its namespaces, or into its root mounted anew. */
import { GoneError } from '../errors.ts';
import { ensureDirectory } from '../host/directory.ts';
import { probeHost } from '../host/probe.ts';
import { runNative } from '../host/native.ts';
import { readStartTime } from '../host/process.ts';
import { usernsArgs } from '../host/userns.ts';
import type { ContainerConfig, ContainerId } from '../model/container-config.ts';
import { isDown, isUp, type InitRecord } from '../model/container-status.ts';
import { hasSource } from '../model/mount.ts';
import { compileOwners, compileRooted, isOnTheWay } from '../plan/entrance.ts';
import { containerPath, containerRuntimePath, ensureUpper } from '../store/container-paths.ts';
import { readContainer, type Container } from '../store/containers.ts';
import { findLeftCopies } from '../store/copies.ts';
import { layerPath } from '../store/layers.ts';
import { waitForMonitor, withContainer } from '../store/held-container.ts';
import { readMount } from '../store/mounted.ts';
import { copyRoot } from './vfs.ts';
import { applyVolumeOptions, placeVolumes } from './volumes/volume-places.ts';

export interface EntranceOptions {
  /** `mounts`: as the container's processes see it. `root`: its root file system alone. */
  readonly view: 'mounts' | 'root';
  /** What is wanted in it: a container that does not run gets the volumes that these are in. */
  readonly paths?: readonly string[];
}

/**
 * Do something with the files of a container; one that does not run stays like that meanwhile.
 *
 * @param body gets the words that lead the native program into the container
 * @throws {GoneError} when the container was removed before
 */
export async function withContainerFiles<T>(
  { config: { id } }: Container,
  options: EntranceOptions,
  body: (entrance: readonly string[]) => Promise<T>,
): Promise<T> {
  return await asItIs(id, {
    up: async (container, init) => {
      await removeLeftCopies(container);
      return await body(enterRunning(container, init, options));
    },
    down: async (container) => {
      await removeLeftCopies(container);
      return await body(await enterStopped(container.config, options));
    },
  });
}

interface Ways<T> {
  readonly up: (container: Container, init: InitRecord) => Promise<T>;
  readonly down: (container: Container) => Promise<T>;
}

/**
 * Do something with a container as it is. One that does not run stays like that meanwhile; one that runs is not held up,
 * so it may end, and be removed.
 *
 * @throws {GoneError} when it was removed before
 */
export async function asItIs<T>(id: ContainerId, { up, down }: Ways<T>): Promise<T> {
  for (;;) {
    const container = current(id);
    const init = initOf(container);
    if (init !== undefined) return await up(container, init);
    const done = await withContainer(id, async (locked) =>
      initOf(locked) === undefined ? { result: await down(await waitForMonitor(id)) } : undefined,
    );
    if (done !== undefined) return done.result;
  }
}

/**
 * Remove from a container what is left of copies into it that were killed with all that clears up after them. What
 * cannot be reached now is left to the next time. The caller has the lock of one that does not run.
 */
export async function removeLeftCopies(container: Container): Promise<void> {
  const left = await findLeftCopies(container.config.id);
  if (left.length === 0) return;
  const paths = left.flatMap((copy) => copy.paths);
  const options = { view: 'mounts', paths } as const;
  try {
    const init = initOf(container);
    const entrance =
      init === undefined ? await enterStopped(container.config, options) : enterRunning(container, init, options);
    const input = paths.map((path) => `${path}\0`).join('');
    if ((await runNative([...entrance, 'remove'], { input })).exitCode !== 0) return;
  } catch {
    return;
  }
  for (const copy of left) copy.forget();
}

function current(id: ContainerId): Container {
  const container = readContainer(id);
  if (container === undefined) throw new GoneError(`the container "${id}"`);
  return container;
}

/** Undefined for one that does not run. Between two runs of init only the monitor has the root file system. */
function initOf({ status, init }: Container): InitRecord | undefined {
  return isDown(status) ? undefined : init;
}

function enterRunning({ config, status }: Container, init: InitRecord, { view }: EntranceOptions): string[] {
  if (isUp(status)) {
    return ['inside', String(init.pid), String(init.startTime), view === 'mounts' ? '/' : '-'];
  }
  return ['inside', String(init.monitorPid), String(init.monitorStartTime), containerRuntimePath(config.id, 'rootfs')];
}

async function enterStopped(config: ContainerConfig, { view, paths: wanted = [] }: EntranceOptions): Promise<string[]> {
  const facts = await probeHost();
  const layers = 'image' in config.root ? config.root.image.layers.map(layerPath) : [];
  const session = await findMounted(config);
  const target = session?.path ?? containerRuntimePath(config.id, 'rootfs');
  ensureDirectory(target);
  if (config.storageDriver === 'vfs' && 'image' in config.root) {
    await copyRoot(config, facts);
  } else {
    ensureUpper(config.id);
  }
  const paths = {
    state: containerPath(config.id),
    layers,
    volumes: placeVolumes(config.mounts),
    target,
    isMounted: session !== undefined,
  };
  const mounts = view === 'root' ? [] : applyVolumeOptions(config.mounts);
  const kept = mounts.filter((mount) => hasSource(mount) && mount.kept !== undefined && isOnTheWay(mount, wanted));
  if (kept.length > 0) (await import('./volumes/overlays.ts')).refuseShared({ ...config, mounts: kept });
  const words = compileRooted({ ...config, mounts }, paths, {
    fuse: facts.helpers['fuse-overlayfs'],
    wanted,
  });
  const owners = compileOwners(config, facts, paths);
  return [...(session?.entrance ?? usernsArgs(facts)), ...words, 'run', ...owners];
}

/**
 * Two overlays over one upper directory would not agree: what `tspod mount` has mounted is worked on where it is, by way
 * of the session that has it.
 */
async function findMounted(
  config: ContainerConfig,
): Promise<{ readonly path: string; readonly entrance: readonly string[] | undefined } | undefined> {
  if (readMount(config.id) === undefined) return undefined;
  const { explainSession, findSessionOrForget, mountedDriver } = await import('./session-mounts.ts');
  const session = mountedDriver(config) === 'vfs' ? undefined : findSessionOrForget(config.id);
  if (session === undefined) return undefined;
  const { pid, path, isMoved } = session;
  if (isMoved === true) throw explainSession(config, session, `cannot reach the files of "${config.name}"`);
  const entrance = pid === process.pid ? undefined : ['inside', String(pid), String(readStartTime(pid) ?? 0), '+'];
  return { path, entrance };
}
