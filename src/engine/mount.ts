/** `mount` and `unmount`: root file systems of containers and images, as directories inside `tspod unshare`. */
import { rmdirSync } from 'node:fs';
import { TspodError } from '../errors.ts';
import { ensureDirectory } from '../host/directory.ts';
import { isWholeHost, readIdMap } from '../host/id-map.ts';
import { findProcessWithMount, readMounts } from '../host/mount-table.ts';
import { runNative } from '../host/native.ts';
import { runtimePath } from '../host/paths.ts';
import { isDown } from '../model/container-status.ts';
import { digestHex } from '../model/digest.ts';
import { compileRooted, compileView } from '../plan/entrance.ts';
import { reasonOf } from '../plan/errno.ts';
import { listContainers } from '../store/container-list.ts';
import { containerPath, containerRuntimePath, ensureUpper, type Container } from '../store/containers.ts';
import { listImages, type StoredImage } from '../store/images.ts';
import { layerPath } from '../store/layers.ts';
import { waitForMonitor, withContainer } from '../store/held-container.ts';
import { forgetMount, noteMount, readMount } from '../store/mounted.ts';

/** Something that is mounted, and where. */
export interface Mounted {
  /** Without `sha256:`. */
  readonly id: string;
  readonly path: string;
}

/**
 * Be sure that what is mounted is seen by nobody else, and is gone with the session.
 *
 * @param command for the message: `tspod mount`
 * @throws {TspodError} outside of a user namespace
 */
export function requireUnshare(command: string): void {
  if (process.getuid?.() === 0 && !isWholeHost(readIdMap('uid'))) return;
  throw new TspodError(`cannot run command "${command}" in rootless mode, must execute "tspod unshare" first`, {
    remedy: `tspod unshare ${command}`,
  });
}

/**
 * Mount a container's root file system, unless it is.
 *
 * @throws {TspodError} when the container runs: its files are in a namespace of its own
 */
export async function mountContainer({ config, status }: Container): Promise<Mounted> {
  const { id, name, root, storageDriver } = config;
  refuseUp(name, status);
  if ('rootfs' in root && !root.rootfs.overlay) return { id, path: root.rootfs.path };
  if (storageDriver === 'vfs') return { id, path: containerPath(id, 'vfs') };
  if (storageDriver === 'fuse-overlayfs') {
    throw new TspodError(
      `cannot mount the container "${name}": its driver, fuse-overlayfs, would outlive your session`,
      {
        remedy: `Copy out of it: tspod cp ${name}:/path .`,
      },
    );
  }
  const layers = 'image' in root ? root.image.layers.map(layerPath) : [];
  return await withContainer(id, async (container) => {
    refuseUp(name, container.status);
    const former = containerRuntimePath(id, 'rootfs');
    if (readMounts().has(former)) return { id, path: former };
    refuseMounted(id, `cannot mount the container "${name}"`);
    await waitForMonitor(id);
    const target = containerRuntimePath(id, 'rootfs');
    ensureUpper(id);
    const paths = { state: containerPath(id), layers, volumes: {}, target };
    noteMount(id, target);
    await mountOnce(target, compileRooted(config, paths, { fuse: undefined, wanted: [] }));
    return { id, path: target };
  });
}

function refuseUp(name: string, status: Container['status']): void {
  if (isDown(status)) return;
  throw new TspodError(
    `cannot mount the container "${name}" while it is ${status}: its files are in a namespace of its own`,
    { remedy: `Stop it, or copy out of it: tspod cp ${name}:/path .` },
  );
}

/**
 * Refuse to mount a container's root again elsewhere: what two overlays over one upper directory show is undefined. The
 * caller has the container's lock.
 *
 * @param failed what cannot be done: `cannot start the container "web"`
 * @throws {TspodError} when a session has it
 */
export function refuseMounted(id: Container['config']['id'], failed: string): void {
  const session = findSession(id);
  if (session === undefined) return;
  throw new TspodError(
    `${failed}: its root file system is mounted in "tspod unshare", where the process ${session.pid} is`,
    { remedy: 'Unmount it there, or end that session: tspod unmount --all' },
  );
}

/** Where a container is mounted, and a process that sees it there. The caller has the container's lock. */
export function findSession(
  id: Container['config']['id'],
): { readonly pid: number; readonly path: string } | undefined {
  const path = readMount(id);
  if (path === undefined) return undefined;
  const pid = readMounts().has(path) ? process.pid : findProcessWithMount(path);
  if (pid !== undefined) return { pid, path };
  forgetMount(id);
  return undefined;
}

/** Mount an image, unless it is; it cannot be written. */
export async function mountImage({ id, layers }: StoredImage): Promise<Mounted> {
  const target = imageTarget(id);
  await mountOnce(target, compileView(target, layers.map(layerPath)));
  return { id: digestHex(id), path: target };
}

/** The containers that are mounted in this session. */
export function mountedContainers(): Mounted[] {
  const mounts = readMounts();
  return listContainers()
    .map(({ config: { id } }) => ({ id, path: containerRuntimePath(id, 'rootfs') }))
    .filter(({ path }) => mounts.has(path));
}

/** The images that are mounted in this session. */
export function mountedImages(): Mounted[] {
  const mounts = readMounts();
  return listImages()
    .map(({ id }) => ({ id: digestHex(id), path: imageTarget(id) }))
    .filter(({ path }) => mounts.has(path));
}

/**
 * Unmount what is mounted in this session.
 *
 * @param what names it in the message: `container "web"`
 * @throws {TspodError} when it is in use
 */
export async function unmount({ path }: Mounted, what: string, { force }: { readonly force: boolean }): Promise<void> {
  const { exitCode, stderr } = await runNative(['unmount', ...(force ? ['--lazy'] : []), path]);
  if (exitCode === 0) return;
  throw new TspodError(`cannot unmount the ${what}: ${reasonOf(Number(stderr.split(' ')[1]))}`, {
    remedy: `See who uses it: fuser -m ${path}`,
  });
}

function imageTarget(id: StoredImage['id']): string {
  return runtimePath('images', digestHex(id));
}

async function mountOnce(target: string, rooted: readonly string[]): Promise<void> {
  if (readMounts().has(target)) return;
  ensureDirectory(target);
  const { exitCode, stderr } = await runNative([...rooted, 'stay', 'look', '/']);
  if (exitCode === 0) return;
  try {
    rmdirSync(target);
  } catch {
    // Somebody else has mounted it, or it was there before.
  }
  throw new TspodError(`cannot mount on "${target}": ${reasonOf(Number(stderr.split(' ')[1]))}`, {
    remedy: 'tspod doctor',
  });
}
