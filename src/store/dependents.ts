/** Which containers need which: `containers/<id>/dependents/<other id>`, so that a removal reads no other config. */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { hasCode, NotFoundError } from '../errors.ts';
import { listIfPresent } from '../host/present.ts';
import type { ContainerId } from '../model/container-config.ts';
import { containerPath } from './container-paths.ts';
import { readContainer } from './containers.ts';

/**
 * Note that a container needs another one.
 *
 * @throws {NotFoundError} when that one is gone: nothing is made in its place
 */
export function addDependent(id: ContainerId, dependent: ContainerId): void {
  try {
    ensureNotes(containerPath(id, 'dependents'));
    writeFileSync(containerPath(id, 'dependents', dependent), '');
  } catch (error) {
    if (!hasCode(error, 'ENOENT')) throw error;
    throw new NotFoundError(`no container with ID "${id}" found, which the new one needs: it was removed`, {
      remedy: 'tspod ps --all',
    });
  }
}

/** The containers that need this one. A note outlives its container, which a monitor may have removed. */
export function listDependents(id: ContainerId): ContainerId[] {
  const names = listIfPresent(containerPath(id, 'dependents'));
  return (names as ContainerId[]).filter((name) => readContainer(name) !== undefined);
}

function ensureNotes(path: string): void {
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    if (!existsSync(path)) throw error;
  }
}
