/** Which containers need which: `containers/<id>/dependents/<other id>`, so that a removal reads no other config. */
import { writeFileSync } from 'node:fs';
import { ensureDirectory } from '../host/directory.ts';
import { listIfPresent } from '../host/present.ts';
import type { ContainerId } from '../model/container-config.ts';
import { containerPath, readContainer } from './containers.ts';

/** Note that a container needs another one. */
export function addDependent(id: ContainerId, dependent: ContainerId): void {
  ensureDirectory(containerPath(id, 'dependents'));
  writeFileSync(containerPath(id, 'dependents', dependent), '');
}

/** The containers that need this one. A note outlives its container, which a monitor may have removed. */
export function listDependents(id: ContainerId): ContainerId[] {
  const names = listIfPresent(containerPath(id, 'dependents'));
  return (names as ContainerId[]).filter((name) => readContainer(name) !== undefined);
}
