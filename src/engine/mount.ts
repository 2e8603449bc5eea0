/** `mount` and `unmount`: root file systems of containers and images, as directories inside `tspod unshare`. */
import { mkdirSync, readFileSync, rmdirSync } from 'node:fs';
import { TspodError } from '../errors.ts';
import { isWholeHost, readIdMap } from '../host/id-map.ts';
import { runNative } from '../host/native.ts';
import { runtimePath } from '../host/paths.ts';
import { isDown } from '../model/container-status.ts';
import { digestHex } from '../model/digest.ts';
import { compileRooted, compileView } from '../plan/entrance.ts';
import { reasonOf } from '../plan/errno.ts';
import {
  containerPath,
  containerRuntimePath,
  ensureUpper,
  listContainers,
  type Container,
} from '../store/containers.ts';
import { listImages, type StoredImage } from '../store/images.ts';
import { layerPath } from '../store/layers.ts';
import { withContainer } from '../store/held-container.ts';

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
  if (!isDown(status)) {
    throw new TspodError(
      `cannot mount the container "${name}" while it is ${status}: its files are in a namespace of its own`,
      {
        remedy: `Stop it, or copy out of it: tspod cp ${name}:/path .`,
      },
    );
  }
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
  const target = containerRuntimePath(id, 'rootfs');
  const layers = 'image' in root ? root.image.layers.map(layerPath) : [];
  await withContainer(id, async () => {
    ensureUpper(id);
    const paths = { state: containerPath(id), layers, volumes: {}, target };
    await mountOnce(target, compileRooted(config, paths, { fuse: undefined, wanted: [] }));
  });
  return { id, path: target };
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
  mkdirSync(target, { recursive: true, mode: 0o700 });
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

/** The fifth field of each line, blanks as `\040`: proc(5). */
function readMounts(): ReadonlySet<string> {
  const lines = readFileSync('/proc/self/mountinfo', 'utf8').split('\n');
  return new Set(
    lines.map((line) =>
      (line.split(' ')[4] ?? '').replace(/\\(\d{3})/g, (_, octal: string) => String.fromCharCode(parseInt(octal, 8))),
    ),
  );
}
