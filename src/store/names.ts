/** Names of containers: symlinks `containers/by-name/<name>` -> `../<id>`, unique because symlink(2) fails if one exists. */
import { existsSync, readdirSync, readlinkSync, symlinkSync, unlinkSync } from 'node:fs';
import { basename } from 'node:path';
import { hasCode } from '../errors.ts';
import { ensureDirectory } from '../host/directory.ts';
import { storePath } from '../host/paths.ts';
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
export function reserveName(name: string, id: ContainerId): ContainerId | undefined {
  const path = namePath(name);
  for (;;) {
    try {
      symlinkSync(`../${id}`, path);
      return undefined;
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'ENOENT') ensureDirectory(storePath('containers/by-name'));
      else if (code !== 'EEXIST') throw error;
      else if (existsSync(path)) return findByName(name);
      else releaseName(name);
    }
  }
}

/** Free a name; `owner` only when it still belongs to that container. */
export function releaseName(name: string, owner?: ContainerId): void {
  const path = namePath(name);
  try {
    if (owner !== undefined && basename(readlinkSync(path)) !== owner) return;
    unlinkSync(path);
  } catch (error) {
    if (!hasCode(error, 'ENOENT')) throw error;
  }
}

/** Free every name of a container that is gone; it has one, but only its own config knew which. */
export function releaseNamesOf(id: ContainerId): void {
  for (const name of readdirSync(storePath('containers/by-name'))) if (findByName(name) === id) releaseName(name, id);
}
