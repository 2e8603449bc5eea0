/** Which containers `tspod mount` has mounted in a `tspod unshare` that is still there, and what that forbids. */
import { TspodError } from '../errors.ts';
import { findOverlay, findProcessWithMount, readMounts } from '../host/mount-table.ts';
import { runNative } from '../host/native.ts';
import { runtimePath } from '../host/paths.ts';
import type { ContainerConfig, ContainerId, StorageDriver } from '../model/container-config.ts';
import { containerPath, containerRuntimePath } from '../store/container-paths.ts';
import { forgetMount, readMount } from '../store/mounted.ts';

/**
 * Where a session has a container's root file system. It is not where the monitor has it in its own mount namespace:
 * so whoever has this path mounted is a session.
 */
export function sessionTarget(id: ContainerId): string {
  return containerRuntimePath(id, 'mounted');
}

/** What the mount table of a session calls a root file system that fuse-overlayfs shows. */
export function sessionSource(id: ContainerId): string {
  return `tspod-${id}`;
}

/** Where a session has a container's root file system, and a process that sees it there. */
export interface Session {
  readonly pid: number;
  readonly path: string;
  /** The user has bound it, or a part of it, elsewhere. */
  readonly isMoved?: boolean;
}

/**
 * Find the session that has a container which does not run, and has no monitor; where none has it any more, the note that
 * one had is forgotten. The caller has the container's lock.
 */
export function findSessionOrForget(id: ContainerId): Session | undefined {
  if (readMount(id) === undefined) return undefined;
  const elsewhere = () => {
    const overlay = findOverlay(containerPath(id, 'upper'), sessionSource(id));
    return overlay && { ...overlay, isMoved: true };
  };
  const session = findAtTarget(id) ?? elsewhere();
  if (session === undefined) forgetMount(id);
  return session;
}

function findAtTarget(id: ContainerId): Session | undefined {
  const path = readMount(id);
  if (path === undefined) return undefined;
  const pid = readMounts().has(path) ? process.pid : findProcessWithMount(path);
  return pid === undefined ? undefined : { pid, path };
}

/**
 * Refuse to mount the root of a container, which does not run, again elsewhere: what two overlays over one upper
 * directory show is undefined. A session keeps the one of a container that has ended, and the next start cannot have
 * that: it belongs to a user namespace which is gone, and setuid programs would not be so any more. The caller has the
 * container's lock, and its monitor is gone.
 *
 * @param failed what cannot be done: `cannot start the container "web"`
 * @throws {TspodError} when a session has it
 */
export function refuseMounted(config: ContainerConfig, failed: string): void {
  refuse(config, findSessionOrForget(config.id), failed);
}

/**
 * Refuse to end a container for a start that would be refused.
 *
 * @throws {TspodError} when a session has it
 */
export function refuseRestart(config: ContainerConfig): void {
  refuse(config, findAtTarget(config.id), `cannot restart the container "${config.name}"`);
}

function refuse(config: ContainerConfig, session: Session | undefined, failed: string): void {
  if (session === undefined) return;
  // A copy may be mounted again, unless its start would clear away the directory where the session has it.
  const isStaying = session.path.startsWith(runtimePath('containers', config.id, '/'));
  if (mountedDriver(config) === 'vfs' && isStaying) return;
  throw explainSession(config, session, failed);
}

/** Say who has a container. */
export function explainSession({ name }: ContainerConfig, { pid, path, isMoved }: Session, failed: string): TspodError {
  if (isMoved === true) {
    return new TspodError(`${failed}: its root file system is mounted on "${path}", where the process ${pid} is`, {
      remedy: `Unmount it there: umount ${path}`,
    });
  }
  if (pid === process.pid) {
    return new TspodError(`${failed}: its root file system is mounted in this "tspod unshare"`, {
      remedy: `tspod unmount ${name}`,
    });
  }
  return new TspodError(`${failed}: its root file system is mounted in "tspod unshare", where the process ${pid} is`, {
    remedy: 'Unmount it there, or end that session: tspod unmount --all',
  });
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
