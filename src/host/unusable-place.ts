/** Why the store or the runtime directory cannot be used, where a system call has failed in it. */
import { accessSync, constants, lstatSync, readlinkSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { hasCode, TspodError } from '../errors.ts';
import { knownPlaces } from './paths.ts';

/** The error for a place where nothing can be kept; undefined when that is not what a system call has failed on. */
export function explainPlace(error: NodeJS.ErrnoException): TspodError | undefined {
  const { store, runtime } = knownPlaces();
  const places = [
    { what: 'store', root: store, remedy: 'Choose another one: --root DIR, or XDG_DATA_HOME' },
    { what: 'runtime directory', root: runtime, remedy: 'Choose another one: --runroot DIR, or XDG_RUNTIME_DIR' },
  ];
  for (const { what, root, remedy } of places) {
    const path = error.syscall === 'symlink' ? (error as { readonly dest?: string }).dest : error.path;
    const reason = root !== undefined && isOnTheWay(path, root) ? findFault(root, error) : undefined;
    if (reason !== undefined)
      return new TspodError(`cannot use "${root ?? ''}" as the ${what}: ${reason}`, { cause: error, remedy });
  }
  return undefined;
}

function isOnTheWay(path: string | undefined, root: string): boolean {
  return path !== undefined && (`${path}/`.startsWith(`${root}/`) || `${root}/`.startsWith(`${path}/`));
}

/** What is wrong with the directory, or with the last one above it that is there. */
function findFault(path: string, error: NodeJS.ErrnoException): string | undefined {
  const parent = dirname(path);
  if (!isThere(path)) {
    const isRefused = error.code === 'ENOENT' && error.syscall === 'mkdir';
    return findFault(parent, error) ?? (isRefused ? `nothing can be made in "${parent}"` : undefined);
  }
  const target = statSync(path, { throwIfNoEntry: false });
  if (target === undefined) return `"${path}" is a link to "${readlinkSync(path)}", which is not there`;
  if (!target.isDirectory()) return `"${path}" is not a directory`;
  try {
    accessSync(path, constants.W_OK | constants.X_OK);
    const isLink = error.syscall === 'symlink' && hasCode(error, 'EPERM', 'ENOSYS', 'ENOTSUP', 'EOPNOTSUPP');
    return isLink ? 'its file system keeps no symbolic links; ext4, xfs and btrfs do' : undefined;
  } catch (refusal) {
    return hasCode(refusal, 'EROFS') ? `the file system of "${path}" is read-only` : `you may not write to "${path}"`;
  }
}

/** A link is there, whatever it leads to. */
function isThere(path: string): boolean {
  try {
    lstatSync(path);
    return true;
  } catch {
    return false;
  }
}
