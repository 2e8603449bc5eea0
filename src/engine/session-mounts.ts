/** Which containers `tspod mount` has mounted in a `tspod unshare` that is still there, and what that forbids. */
import { TspodError } from '../errors.ts';
import { findProcessWithMount, readMounts } from '../host/mount-table.ts';
import { runNative } from '../host/native.ts';
import { runtimePath } from '../host/paths.ts';
import type { ContainerConfig, ContainerId, StorageDriver } from '../model/container-config.ts';
import { containerRuntimePath } from '../store/containers.ts';
import { forgetMount, readMount } from '../store/mounted.ts';

/**
 * Where a session has a container's root file system. It is not where the monitor has it in its own mount namespace:
 * so whoever has this path mounted is a session.
 */
export function sessionTarget(id: ContainerId): string {
  return containerRuntimePath(id, 'mounted');
}

/** Where a container is mounted, and a process that sees it there. The caller has the container's lock. */
export function findSession(id: ContainerId): { readonly pid: number; readonly path: string } | undefined {
  const path = readMount(id);
  if (path === undefined) return undefined;
  const pid = readMounts().has(path) ? process.pid : findProcessWithMount(path);
  if (pid !== undefined) return { pid, path };
  forgetMount(id);
  return undefined;
}

/**
 * Refuse to mount a container's root again elsewhere: what two overlays over one upper directory show is undefined. A
 * session keeps the one of a container that has ended, and the next start cannot have that: it belongs to a user
 * namespace which is gone, and setuid programs would not be so any more. The caller has the container's lock.
 *
 * @param failed what cannot be done: `cannot start the container "web"`
 * @throws {TspodError} when a session has it
 */
export function refuseMounted(config: ContainerConfig, failed: string): void {
  const session = findSession(config.id);
  if (session === undefined) return;
  // A copy may be mounted again, unless its start would clear away the directory where the session has it.
  const isStaying = session.path.startsWith(runtimePath('containers', config.id, '/'));
  if (mountedDriver(config) === 'vfs' && isStaying) return;
  if (session.pid === process.pid) {
    throw new TspodError(`${failed}: its root file system is mounted in this "tspod unshare"`, {
      remedy: `tspod unmount ${config.name}`,
    });
  }
  throw new TspodError(
    `${failed}: its root file system is mounted in "tspod unshare", where the process ${session.pid} is`,
    { remedy: 'Unmount it there, or end that session: tspod unmount --all' },
  );
}

/** What puts a container's root file system together; a directory with `:O` is always the lower one of an overlay. */
export function mountedDriver({ root, storageDriver }: ContainerConfig): StorageDriver {
  return 'image' in root ? storageDriver : 'overlay';
}

/** Take a container out of our own session before it is removed, also when it is in use. The caller has its lock. */
export async function unmountOwn(id: ContainerId): Promise<void> {
  const path = readMount(id);
  if (path !== undefined && readMounts().has(path)) await runNative(['unmount', '--lazy', path]);
}
