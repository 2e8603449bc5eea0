/** Names of containers: symlinks `containers/by-name/<name>` -> `../<id>`, unique because symlink(2) fails if one exists. */
import { existsSync, readlinkSync, symlinkSync, unlinkSync } from 'node:fs';
import { basename } from 'node:path';
import { GoneError, hasCode } from '../errors.ts';
import { ensureDirectory } from '../host/directory.ts';
import { withLock } from '../host/lock.ts';
import { storePath } from '../host/paths.ts';
import { listIfPresent, readLinkIfPresent } from '../host/present.ts';
import type { ContainerId } from '../model/container-config.ts';

/** Where the name of a container is kept. */
export function namePath(name: string): string {
  return storePath('containers/by-name', name);
}

/** The container that has the name; undefined when none has. */
export function findByName(name: string): ContainerId | undefined {
  if (name.includes('/') || name === '.' || name === '..' || name === '') return undefined;
  try {
    return basename(readlinkSync(namePath(name))) as ContainerId;
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'EINVAL', 'ENAMETOOLONG')) return undefined;
    throw error;
  }
}

/**
 * Give a container its name.
 *
 * A link whose container is gone is what a crash during a removal leaves, and is taken over.
 *
 * @returns the container that has the name already, undefined when it is ours now
 */
export async function reserveName(name: string, id: ContainerId): Promise<ContainerId | undefined> {
  const path = namePath(name);
  for (;;) {
    try {
      symlinkSync(`../${id}`, path);
      return undefined;
    } catch (error) {
      if (hasCode(error, 'ENOENT')) ensureDirectory(storePath('containers/by-name'));
      else if (!hasCode(error, 'EEXIST')) throw error;
    }
    const link = readLinkIfPresent(path);
    if (link === undefined) continue; // It was freed meanwhile.
    const holder = basename(link) as ContainerId;
    if (existsSync(storePath('containers', holder))) return holder;
    await releaseName(name, holder);
  }
}

/**
 * Free a name if it leads to that container. Nobody removes a name without the lock of the directory, as native/cleanup.c
 * does too: between the look and the removal it could become another's. To take a name needs no lock, since symlink(2) is
 * refused where there is one; whoever frees one may have the lock of its container, so this is the last that anybody takes.
 */
export async function releaseName(name: string, owner: ContainerId): Promise<void> {
  if (findByName(name) !== owner) return;
  try {
    await withLock(storePath('containers/by-name'), () => {
      if (findByName(name) === owner) unlinkSync(namePath(name));
      return Promise.resolve();
    });
  } catch (error) {
    if (!(error instanceof GoneError)) throw error;
  }
}

/** Free every name of a container that is gone; it has one, but only its own config knew which. */
export async function releaseNamesOf(id: ContainerId): Promise<void> {
  for (const name of listIfPresent(storePath('containers/by-name'))) await releaseName(name, id);
}
