/** `mount` and `unmount`: root file systems of containers and images, as directories inside `tspod unshare`. */
import { existsSync, mkdirSync, rmdirSync } from 'node:fs';
import { hasCode, TspodError } from '../errors.ts';
import { ensureDirectory } from '../host/directory.ts';
import { mountFuseOverlayfs } from '../host/fuse-overlayfs.ts';
import { isWholeHost, readIdMap } from '../host/id-map.ts';
import { readMounts } from '../host/mount-table.ts';
import { runNative } from '../host/native.ts';
import { runtimePath } from '../host/paths.ts';
import { probeHost } from '../host/probe.ts';
import type { ContainerConfig } from '../model/container-config.ts';
import { isDown } from '../model/container-status.ts';
import { digestHex } from '../model/digest.ts';
import { compileRooted, compileView } from '../plan/entrance.ts';
import { ERRNO, reasonOf } from '../plan/errno.ts';
import { compileIdMaps } from '../plan/id-maps.ts';
import { compileRootfs } from '../plan/rootfs.ts';
import { listContainers } from '../store/container-list.ts';
import { containerPath, containerRuntimePath, ensureUpper, claimRuntimeDirectory } from '../store/container-paths.ts';
import type { Container } from '../store/containers.ts';
import { listImages, type StoredImage } from '../store/images.ts';
import { layerPath } from '../store/layers.ts';
import { waitForMonitor, withContainer } from '../store/held-container.ts';
import { noteMount } from '../store/mounted.ts';
import { layerPaths } from './layer-paths.ts';
import { mountedDriver, refuseMounted, sessionSource, sessionTarget } from './session-mounts.ts';
import { refuseUnreachable } from './unreachable.ts';
import { copyRoot } from './vfs.ts';

/** Something that is mounted, and where. */
export interface Mounted {
  /** Without `sha256:`. */
  readonly id: string;
  readonly path: string;
}

/** Whether we are in `tspod unshare`, or another user namespace where we are root. */
export function isInUnshare(): boolean {
  return process.getuid?.() === 0 && !isWholeHost(readIdMap('uid'));
}

/**
 * Be sure that what is mounted is seen by nobody else, and is gone with the session.
 *
 * @param command for the message: `tspod mount`
 * @throws {TspodError} outside of a user namespace
 */
export function requireUnshare(command: string): void {
  if (isInUnshare()) return;
  throw new TspodError(`cannot run command "${command}" in rootless mode, must execute "tspod unshare" first`, {
    remedy: `tspod unshare ${command}`,
  });
}

/**
 * Mount a container's root file system, unless it is; that of one that runs is the same that its processes have.
 *
 * @throws {TspodError} when its driver cannot show it to this session, or another one has it while it does not run
 */
export async function mountContainer({ config }: Container): Promise<Mounted> {
  const { id, name, root } = config;
  if ('rootfs' in root && !root.rootfs.overlay) return { id, path: root.rootfs.path };
  return await withContainer(id, async (container) => {
    const path = sessionTarget(id);
    if (readMounts().has(path)) return { id, path };
    const failed = `cannot mount the container "${name}"`;
    const isStopped = isDown(container.status);
    return { id, path: isStopped ? await mountStopped(container, failed) : await mountRunning(container, failed) };
  });
}

/** @returns where */
async function mountStopped({ config }: Container, failed: string): Promise<string> {
  const { id, root } = config;
  await waitForMonitor(id);
  refuseMounted(config, failed);
  claimRuntimeDirectory(id);
  if (mountedDriver(config) === 'vfs') await copyRoot(config, await probeHost());
  else ensureUpper(id);
  const target = sessionTarget(id);
  noteMount(id, target);
  if (mountedDriver(config) === 'fuse-overlayfs') {
    await mountOnce(target, () => mountFuse(config));
  } else {
    const layers = 'image' in root ? root.image.layers.map(layerPath) : [];
    const paths = { state: containerPath(id), layers, volumes: {}, target };
    await mountOnce(target, () => mountRooted(target, compileRooted(config, paths, { fuse: undefined, wanted: [] })));
  }
  return target;
}

/** With the owners that its start would give it, as this user namespace has them. */
async function mountFuse(config: ContainerConfig): Promise<void> {
  const { id } = config;
  const facts = await probeHost();
  const paths = { state: containerPath(id), run: containerRuntimePath(id), layers: layerPaths(config) };
  const { rootfs } = compileRootfs({ config, facts, paths }, compileIdMaps(config.userns, facts));
  if (rootfs.kind !== 'fuse-overlayfs') return;
  await mountFuseOverlayfs({ target: sessionTarget(id), options: rootfs.options }, sessionSource(id), facts);
}

/** The file system itself, which the monitor hands out: a second overlay over the same directories is never made. */
async function mountRunning({ config }: Container, failed: string): Promise<string> {
  const { id, name } = config;
  const target = sessionTarget(id);
  if (mountedDriver(config) === 'fuse-overlayfs') {
    throw new TspodError(
      `${failed}: it runs, and its driver, fuse-overlayfs, shows its files to no other user namespace than its own`,
      { remedy: `Stop it, or copy out of it, in your own session: tspod stop ${name}; tspod cp ${name}:/path .` },
    );
  }
  refuseUnreachable(config);
  try {
    noteMount(id, target);
    mkdirSync(target, { mode: 0o700 });
  } catch (error) {
    if (hasCode(error, 'ENOENT')) throw explainGraft('connect', ERRNO.ENOENT, failed); // It was a `--rm` container.
    if (!hasCode(error, 'EEXIST')) throw error;
  }
  const { exitCode, stderr } = await runNative(['graft', containerRuntimePath(id), target]);
  const [step = '', errno] = stderr.split(' ');
  if (exitCode !== 0) throw explainGraft(step, Number(errno), failed);
  return target;
}

function explainGraft(step: string, errno: number, failed: string): TspodError {
  if (step === 'root' && errno === ERRNO.ENOSYS) {
    return new TspodError(`${failed}: its monitor is one of an earlier version of tspod`, {
      remedy: 'Start it anew: tspod restart CONTAINER',
    });
  }
  if ([ERRNO.ENOENT, ERRNO.ECONNREFUSED, ERRNO.ECONNRESET].some((ended) => ended === errno)) {
    return new TspodError(`${failed}: it has just ended`, { remedy: 'See what became of it: tspod ps --all' });
  }
  const where = step === 'mount' ? '' : 'its monitor does not answer: ';
  return new TspodError(`${failed}: ${where}${reasonOf(errno)}`, { remedy: 'tspod doctor' });
}

/** Mount an image, unless it is; it cannot be written. */
export async function mountImage({ id, layers }: StoredImage): Promise<Mounted> {
  const target = imageTarget(id);
  await mountOnce(target, () => mountRooted(target, compileView(target, layers.map(layerPath))));
  return { id: digestHex(id), path: target };
}

/** The containers that are mounted in this session. */
export function mountedContainers(): Mounted[] {
  const mounts = readMounts();
  return listContainers()
    .map(({ config: { id } }) => ({ id, path: sessionTarget(id) }))
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
  const { exitCode, stderr } = await runNative(['unmount', ...(force ? ['--force'] : []), path]);
  if (exitCode === 0) return;
  throw new TspodError(`cannot unmount the ${what}: ${reasonOf(Number(stderr.split(' ')[1]))}`, {
    remedy: `See who uses it: fuser -m ${path}`,
  });
}

function imageTarget(id: StoredImage['id']): string {
  return runtimePath('images', digestHex(id));
}

async function mountOnce(target: string, mount: () => Promise<void>): Promise<void> {
  if (readMounts().has(target)) return;
  const isNew = !existsSync(target); // Else another session may have it: rmdir(2) would take it away there.
  ensureDirectory(target);
  try {
    await mount();
  } catch (error) {
    if (isNew) rmdirSync(target);
    throw error;
  }
}

async function mountRooted(target: string, rooted: readonly string[]): Promise<void> {
  const { exitCode, stderr } = await runNative([...rooted, 'stay', 'look', '/']);
  if (exitCode === 0) return;
  throw new TspodError(`cannot mount on "${target}": ${reasonOf(Number(stderr.split(' ')[1]))}`, {
    remedy: 'tspod doctor',
  });
}
