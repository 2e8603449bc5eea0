/** Which containers need which: `containers/<id>/dependents/<other id>`, so that a removal reads no other config. */
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import type { ContainerId } from '../model/container-config.ts';
import { containerPath, readContainer } from './containers.ts';

/** Note that a container needs another one. */
export function addDependent(id: ContainerId, dependent: ContainerId): void {
  mkdirSync(containerPath(id, 'dependents'), { recursive: true, mode: 0o700 });
  writeFileSync(containerPath(id, 'dependents', dependent), '');
}

/** The containers that need this one. A note outlives its container, which a monitor may have removed. */
export function listDependents(id: ContainerId): ContainerId[] {
  let names: string[];
  try {
    names = readdirSync(containerPath(id, 'dependents'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
  return (names as ContainerId[]).filter((name) => readContainer(name) !== undefined);
}
