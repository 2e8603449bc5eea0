/** Files of the host that a container names: what is missing is said when it is made, not at its start. */
import { existsSync, realpathSync, statSync } from 'node:fs';
import { hasCode, TspodError, UsageError } from '../errors.ts';
import type { RootfsUse } from '../model/container-config.ts';
import type { ResolvedRequest } from '../model/container-request.ts';
import type { Mount } from '../model/mount.ts';
import { readTimezone } from './runtime-files.ts';

/** @throws {UsageError} when the time zone or the init program is not there */
export function checkFiles({ timezone, init, initPath }: ResolvedRequest): void {
  if (timezone !== undefined) readTimezone(timezone);
  if (init && initPath !== undefined && !existsSync(initPath)) {
    throw new UsageError(`the program "${initPath}" for --init-path does not exist`, {
      remedy: "Give the path of an init, or leave --init-path out for tspod's own.",
    });
  }
}

/** @throws {TspodError} when a directory to be mounted is not there */
export function checkBindSources(mounts: readonly Mount[]): void {
  for (const mount of mounts) {
    if (mount.type !== 'bind') continue;
    try {
      statSync(mount.source);
    } catch (cause) {
      if (!hasCode(cause, 'ENOENT')) throw cause;
      throw new TspodError(`cannot mount "${mount.source}" on "${mount.target}": no such file or directory`, {
        cause,
        remedy: `mkdir -p ${mount.source}`,
      });
    }
  }
}

/**
 * The directory of `--rootfs`.
 *
 * @throws {UsageError} when it is none
 */
export function findRootfs({ image, rootfsOverlay = false }: ResolvedRequest): RootfsUse {
  try {
    const path = realpathSync(image);
    if (statSync(path).isDirectory()) return { path, overlay: rootfsOverlay };
  } catch (error) {
    if (!hasCode(error, 'ENOENT', 'ENOTDIR')) throw error;
  }
  throw new UsageError(`the root file system "${image}" is not a directory`, {
    remedy: 'Give a directory: --rootfs DIR',
  });
}
