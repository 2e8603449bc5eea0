/** Files of the host that a container names: what is missing is said when it is made, not at its start. */
import { existsSync, realpathSync, statSync } from 'node:fs';
import { hasCode, TspodError, UsageError } from '../errors.ts';
import type { RootfsUse } from '../model/container-config.ts';
import type { ResolvedRequest } from '../model/container-request.ts';
import type { HealthUpdate } from '../model/healthcheck.ts';
import type { Mount } from '../model/mount.ts';
import { readTimezone } from './runtime-files.ts';

/** @throws {UsageError} when the time zone, the init program or a directory is not there */
export function checkFiles({ timezone, init, initPath, health }: ResolvedRequest): void {
  checkHealthLog(health);
  if (timezone !== undefined) readTimezone(timezone);
  if (init && initPath !== undefined && !existsSync(initPath)) {
    throw new UsageError(`the program "${initPath}" for --init-path does not exist`, {
      remedy: "Give the path of an init, or leave --init-path out for tspod's own.",
    });
  }
}

/** @throws {UsageError} when the results of health checks are to go to a directory that is not there */
export function checkHealthLog(health: HealthUpdate | undefined): void {
  const { logDestination = 'local' } = health === 'disabled' ? {} : (health ?? {});
  if (logDestination === 'local' || logDestination === 'events_logger') return;
  if (statSync(logDestination, { throwIfNoEntry: false })?.isDirectory()) return;
  throw new UsageError(`"${logDestination}" is not a directory, for the results of health checks`, {
    remedy: `mkdir -p ${logDestination}`,
  });
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
